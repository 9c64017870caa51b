"""A zone that is looked at, and what counted in it."""

from dataclasses import dataclass, field

from pydantic import TypeAdapter

from moodroom_hub.domain.models import Cause, ListeningRules, PlaybackSnapshot
from moodroom_hub.domain.plays.models import CountingRules, Reached
from moodroom_hub.domain.plays.rules import SPINSTACK
from moodroom_hub.domain.session import Circumstances, Happening, Session, observe

SESSION: TypeAdapter[Session] = TypeAdapter(Session)


@dataclass
class Counter:
    """Looks one after another; keeps what happened."""

    rules: CountingRules = SPINSTACK
    session: Session = field(default_factory=Session)
    told: list[Happening] = field(default_factory=list)

    def look(self, *snapshots: PlaybackSnapshot, gap: Cause | None = None) -> "Counter":
        """Look so."""
        for snapshot in snapshots:
            circumstances = Circumstances(ListeningRules(), None, gap, counting=self.rules)
            self.session, happenings = observe(self.session, snapshot, circumstances)
            self.told.extend(happenings)
        return self

    def restart(self) -> "Counter":
        """The hub is killed and started again: only what was written is left."""
        self.session = SESSION.validate_json(SESSION.dump_json(self.session))
        return self

    @property
    def reached(self) -> list[Reached]:
        """What counted so far."""
        return [each for each in self.told if isinstance(each, Reached)]

    def names(self) -> list[str]:
        """The tracks that counted, in order."""
        return [each.hearing.track.name for each in self.reached]

    @property
    def heard_s(self) -> float:
        """How long the hearing under way was listened to."""
        assert self.session.tally.current is not None
        return self.session.tally.current.heard_ms / 1000
