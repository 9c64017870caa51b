"""What the sorter does with what a library sync has read, as a person sees it."""

from moodroom_hub.app.output import hint, say
from moodroom_hub.app.sorter_client import Json, SorterClient
from moodroom_hub.app.sorter_watch import seen_to_its_end
from moodroom_hub.app.text import counted, sentence
from moodroom_hub.core.errors import MoodroomError


def sort_likes(sorter: SorterClient, new: int, *, is_quiet: bool) -> Json:
    """See the work that the sync began to its end: without a hub it would end with the command. Gives its last state.

    That it fails is told, and is no failure of the sync.
    """
    if not is_quiet and new:
        say(f"{counted(new, 'new like')} {'is' if new == 1 else 'are'} being placed by the sorter.")
    try:
        state = seen_to_its_end(sorter, sorter.job, is_quiet=is_quiet)
    except MoodroomError as error:
        if not is_quiet:
            hint(f"The sorter did not come to its end: {sentence(str(error))} Again with: moodroom-hub sorter sync")
        return sorter.job()
    if not is_quiet:
        for note in state["notes"]:
            say(f"  {note}")
    return state
