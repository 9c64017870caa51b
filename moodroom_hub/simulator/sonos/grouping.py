"""Which players play together: joining, leaving, handing the lead over; power and addresses."""

from moodroom_hub.simulator.sonos.commands import Commands
from moodroom_hub.simulator.sonos.faults import Code, UpnpError
from moodroom_hub.simulator.sonos.music import NOTHING, MediaKind
from moodroom_hub.simulator.sonos.players import Deck, Reach, SimPlayer, State
from moodroom_hub.simulator.sonos.session import Group


class Grouping(Commands):
    """The buttons, and which players share one deck."""

    def join(self, name: str, to: str) -> None:
        """This player joins another one's group; its own music stops, and goes on elsewhere if others shared it."""
        with self.looked_at():
            player, target = self._room(name), self.group_of(to)
            self._did("join", player, self.player(to).name)
            if player.uid in target.members:
                return
            self._leave(player)
            self._take_over(player)
            player.deck.media = NOTHING
            self.groups.remove(self.group_of(player.uid))
            target.members.append(player.uid)
            self._resound(target.coordinator)
            self._regrouped(target)
            self._note(player.uid, "AVTransport")

    def leave(self, name: str) -> None:
        """This player stands alone and is silent. If it led others, the next of them goes on with its queue."""
        with self.looked_at():
            player = self._room(name)
            self._did("leave", player)
            self._leave(player)

    def delegate(self, name: str, to: str, *, stays: bool) -> None:
        """Hand the lead to another member of the group. Raises ``UpnpError``."""
        with self.looked_at():
            player, heir = self._leader(name), self.player(to)
            group = self.group_of(name)
            self._did("delegate", player, heir.name)
            if heir.uid not in group.members or heir is player:
                raise UpnpError(Code.VALUE_INVALID)
            self._hand_over(group, player, heir)
            if stays:
                self._resound(heir.uid)
            else:
                self._leave(player)

    def move_music(self, name: str, to: str) -> None:
        """What plays in one room goes on in another one, as the app does it: join, then leave."""
        with self.looked_at():
            self.join(to, name)
            if self.is_coordinator(self.player(name).uid):
                self.delegate(name, to, stays=False)
            else:
                self.leave(name)

    # power and addresses

    def unplug(self, name: str) -> None:
        """No power: it falls silent. A group that it led falls apart, silent; a group that it followed plays on."""
        with self.looked_at():
            player = self.player(name)
            if not player.is_powered:
                return
            self._did("unplug", player)
            self._fall_dark(player)
            for each in self._bonded(player):
                each.reach, each.unplugged_ms = Reach.UNPLUGGED, self._at_ms
            if self.settings.vanish_after_ms:
                self.schedule(self._at_ms + self.settings.vanish_after_ms, self._note_topology)

    def plug_in(self, name: str) -> None:
        """Power again: it starts anew, alone and silent, with the queue it had."""
        with self.looked_at():
            player = self.player(name)
            self._did("plug_in", player)
            if player.is_powered:
                return
            for each in self._bonded(player):
                self._boot(each)
            self._note_topology()

    def reboot(self, name: str) -> None:
        """Unplugged and plugged in again at once."""
        with self.looked_at():
            player = self.player(name)
            self._did("reboot", player)
            self._fall_dark(player)
            for each in self._bonded(player):
                self._boot(each)
            self._note_topology()

    def readdress(self, name: str) -> None:
        """It comes back from a reboot at another address (the server or transport chooses the port)."""
        with self.looked_at():
            player = self.player(name)
            self.reboot(player.uid)
            self._did("readdress", player)
            player.port = 0

    def address_changed(self, uid: str) -> None:
        """The player answers at ``player.address`` now (for whoever serves it)."""
        with self.looked_at():
            self._note_topology()

    def set_reach(self, name: str, reach: Reach) -> None:
        """The network between us and the player changes; it plays on."""
        with self.looked_at():
            player = self.player(name)
            if not player.is_powered or reach is Reach.UNPLUGGED:
                raise ValueError("power is a matter of unplug and plug_in")
            self._did("reach", player, reach.value)
            player.reach = reach
            self._note(player.uid, "reach")

    def slow_down(self, name: str, slow_ms: int) -> None:
        """From now on this player takes so long to answer."""
        with self.looked_at():
            self.player(name).slow_ms = slow_ms

    def is_listed(self, player: SimPlayer) -> bool:
        """Whether the others know it to be there."""
        return player.is_powered or self._at_ms < player.unplugged_ms + self.settings.vanish_after_ms

    def _bonded(self, player: SimPlayer) -> list[SimPlayer]:
        return [player, *(each for each in self.players.values() if each.bonded_to == player.uid)]

    def _boot(self, player: SimPlayer) -> None:
        player.reach = Reach.ANSWERS
        player.boot_seq += 1
        player.booted_ms = self._at_ms
        self._note(player.uid, "reach")
        self._note(player.uid, "boot")

    def _fall_dark(self, player: SimPlayer) -> None:
        group = self.group_of(player.uid)
        if group.coordinator == player.uid:
            self._take_over(player)
            others = [uid for uid in group.members if uid != player.uid]
            group.members[:] = [player.uid]
            for uid in others:
                self._new_group(uid, [uid])
                self._note(uid, "AVTransport")
            deck = player.deck
            deck.position_ms = 0
            if deck.media.kind is not MediaKind.QUEUE:
                deck.media = NOTHING
        else:
            self._leave(player)
        self._note(player.uid, "reach")
        self._note_topology()

    # what the above is made of

    def _room(self, name: str) -> SimPlayer:
        """A player that may lead. Raises ``UpnpError``."""
        player = self.player(name)
        if player.bonded_to is not None or not player.is_powered:
            raise UpnpError(Code.NOT_COORDINATOR)
        return player

    def _leave(self, player: SimPlayer) -> None:
        group = self.group_of(player.uid)
        if len(group.members) == 1:
            return
        if group.coordinator == player.uid:
            heir = self.players[next(uid for uid in group.members if uid != player.uid)]
            self._hand_over(group, player, heir)
        group.members.remove(player.uid)
        self._resound(group.coordinator)
        self._new_group(player.uid, [player.uid])
        self._regrouped(group)
        self._note(player.uid, "AVTransport")

    def _hand_over(self, group: Group, player: SimPlayer, heir: SimPlayer) -> None:
        """The heir takes the whole deck as it runs; the former leader's is empty."""
        former, kept = player.deck, heir.deck
        former.settle(self._at_ms)
        heir.deck, player.deck = former, Deck(anchor_ms=self._at_ms, update_id=kept.update_id + 1)
        if heir.deck.media.kind is MediaKind.QUEUE:
            heir.deck.media = self._queue_media(heir)
        elif heir.deck.media.kind is MediaKind.TV:  # the television stays where its cable is
            player.deck, heir.deck = heir.deck, kept
            self._hush(heir.uid, State.STOPPED)
            heir.deck.media = NOTHING
        group.coordinator = heir.uid
        group.members.remove(heir.uid)
        group.members.insert(0, heir.uid)
        for each in (player, heir):
            for service in ("AVTransport", "Queue", "ContentDirectory"):
                self._note(each.uid, service)
        self._note_topology()

    def _regrouped(self, group: Group) -> None:
        self._group_count += 1
        group.id = f"{group.coordinator}:{self._group_count}"
        self._note_topology()
        self._note(group.coordinator, "GroupRenderingControl")
