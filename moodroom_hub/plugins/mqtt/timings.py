"""How long the bridge waits for what: real seconds, whatever the hub's clock makes of them, for the network is real."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timings:
    """Every wait of the bridge, in real seconds."""

    answer: float = 5.0
    """The broker must have answered."""
    first_pause: float = 1.0
    longest_pause: float = 3.0
    """Between attempts while no broker answers: short enough that all is right within 5 s of its return."""
    longest_unsteady_pause: float = 30.0
    """Between attempts while connections are made and lost again at once."""
    steady: float = 10.0
    """A connection that held so long was a good one."""
    first_refused_pause: float = 30.0
    longest_refused_pause: float = 300.0
    """Between attempts while the broker refuses the login: some lock out who asks too often."""
    refresh: float = 5.0
    """So often the state is looked at although nobody said that it changed."""
    settle: float = 0.02
    """Changes within this time are published together."""
    device_gap: float = 2.0
    """Home Assistant loses parts of a device that is announced again while it is being set up."""
    birth_delay: float = 1.0
    """At most so long after Home Assistant's birth (by chance): the hub is not the only one who answers it."""
    touched: float = 20.0
    """So long after an order its state is told again when something was done, also if nothing changed."""
    lost: float = 60.0
    """A zone whose player has been lost for so long is shown as unavailable."""
    scrobbles: float = 30.0
    """So often it is asked how many plays wait for other services."""
    sorter: float = 30.0
    """So often it is asked how many songs wait to be reviewed."""
    goodbye: float = 1.0
