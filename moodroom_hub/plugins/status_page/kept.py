"""What the owner decided about the misfits of the last audit, for as long as its report stands."""

from dataclasses import dataclass, field

from moodroom_hub.core.miners import AuditReport
from moodroom_hub.domain.models import Uri


@dataclass(slots=True)
class Kept:
    """Misfits that stay; forgotten with the next report."""

    report: AuditReport | None = None
    uris: set[Uri] = field(default_factory=set)

    def keep(self, report: AuditReport, uri: Uri) -> None:
        """Remember one."""
        if report is not self.report:
            self.report, self.uris = report, set()
        self.uris.add(uri)

    def of(self, report: AuditReport) -> set[Uri]:
        """What was kept of this report."""
        return self.uris if report is self.report else set()
