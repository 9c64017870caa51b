"""How well the match score tells the song that was meant from all else that a search finds.

python -m benchmarks.matching             on the open data (../shared/data or $MOODROOM_DATA), about a minute
python -m benchmarks.matching --smoke     a few hundred songs, seconds; on made-up names where there is no data
python -m benchmarks.matching --show 20   some of the mistakes beside it
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from random import Random

from benchmarks.matching_questions import Question, Wanted, made_up_tracks, questions, real_tracks
from moodroom_hub.domain.mining.matching import GOOD_MATCH, match
from moodroom_hub.domain.models import Track
from moodroom_hub.domain.recording import fold, name_key

SONGS, SMOKE_SONGS = 3_000, 250


@dataclass(slots=True)
class Tally:
    """``there``: questions whose song is among the candidates; ``false_when_there`` took another song instead."""

    there: int = 0
    right: int = 0
    false_when_there: int = 0
    absent: int = 0
    false_when_absent: int = 0
    mistakes: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Right ones among all that were taken."""
        return self.right / max(1, self.right + self.false_when_there + self.false_when_absent)

    @property
    def recall(self) -> float:
        """Found among those that are there."""
        return self.right / max(1, self.there)


Method = Callable[[Wanted, Track], float]
"""A score; 0 is never taken."""


def own(wanted: Wanted, found: Track) -> float:
    """The match score, from its threshold on."""
    score = match(wanted, found).score
    return score if score >= GOOD_MATCH else 0.0


def folded_equality(wanted: Wanted, found: Track) -> float:
    """The same folded name and first artist."""
    artist = found.artists[0] if found.artists else ""
    return float(fold(wanted.name) == fold(found.name) and fold(wanted.artist) == fold(artist))


def recording_equality(wanted: Wanted, found: Track) -> float:
    """The same recording by the rule of listening."""
    key = name_key(wanted.name, wanted.artist)
    return float(key is not None and key == name_key(found.name, found.artists[0] if found.artists else ""))


def ratio(threshold: float) -> Method:
    """difflib's ratio of "name artist", folded."""

    def score(wanted: Wanted, found: Track) -> float:
        one = fold(f"{wanted.name} {wanted.artist}")
        other = fold(f"{found.name} {found.artists[0] if found.artists else ''}")
        matcher = SequenceMatcher(None, one, other)
        if matcher.real_quick_ratio() < threshold or matcher.quick_ratio() < threshold:
            return 0.0
        found_ratio = matcher.ratio()
        return found_ratio if found_ratio >= threshold else 0.0

    return score


METHODS: Mapping[str, Method] = {
    "match score": own,
    "exact folded equality": folded_equality,
    "equality of recordings": recording_equality,
    "difflib ratio >= 0.80": ratio(0.8),
    "difflib ratio >= 0.90": ratio(0.9),
}


def answer(method: Method, question: Question, tally: Tally) -> None:
    """Take the best candidate, if any is good enough, and count."""
    scored = [(method(question.wanted, one), place) for place, one in enumerate(question.candidates)]
    score, place = max(scored, key=lambda one: (one[0], -one[1]), default=(0.0, 0))
    taken = question.candidates[place] if score > 0 else None
    if question.right:
        tally.there += 1
    else:
        tally.absent += 1
    if taken is not None and taken.uri in question.right:
        tally.right += 1
        return
    wanted = f"{question.wanted.name} | {question.wanted.artist}"
    if taken is not None:
        if question.right:
            tally.false_when_there += 1
        else:
            tally.false_when_absent += 1
        tally.mistakes.append(f"taken ({score:.2f}): {wanted} -> {taken.name} | {', '.join(taken.artists)}")
    elif question.right:
        meant = next(one for one in question.candidates if one.uri in question.right)
        told = match(question.wanted, meant)
        tally.mistakes.append(f"missed ({told.score:.2f}): {wanted} -> {meant.name} | {', '.join(meant.artists)}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print. Exit 1 where the match score is less precise than 98 %, or finds less than the equality does."""
    options = _options(arguments)
    began_s = time.perf_counter()
    rng = Random(options.seed)
    tracks = real_tracks()
    where = f"{len(tracks):,} listings of the open data"
    if not tracks:
        tracks = made_up_tracks(rng)
        where = f"NO DATA HERE ($MOODROOM_DATA, ../shared/data): {len(tracks):,} made-up names, which prove little"
    count = SMOKE_SONGS if options.smoke else options.songs
    tallies = {name: Tally() for name in METHODS}
    own_by_wording: dict[str, Tally] = defaultdict(Tally)
    spent_s = dict.fromkeys(METHODS, 0.0)
    compared = 0
    for pair in questions(tracks, count, rng):
        for question in pair:
            compared += len(question.candidates)
            for name, method in METHODS.items():
                start_s = time.perf_counter()
                answer(method, question, tallies[name])
                spent_s[name] += time.perf_counter() - start_s
            answer(own, question, own_by_wording[question.wording])
    mean = compared / max(1, 2 * min(count, len(tracks)))
    print(f"# Matching: {count:,} songs, each named once, asked for with and without being there\n")
    print(f"{where}; {mean:.0f} candidates a question; seed {options.seed}; {time.perf_counter() - began_s:.0f} s.\n")
    print("| method | precision | recall | wrong when it is there | taken when it is not | us a pair |")
    print("|---|---|---|---|---|---|")
    for name, tally in tallies.items():
        print(_row(name, tally, f"{spent_s[name] / max(1, compared) * 1e6:.1f}"))
    for wording, tally in own_by_wording.items():
        print(_row(f"match score, {wording}", tally, ""))
    for line in tallies["match score"].mistakes[: options.show]:
        print(f"- {line}")
    ours, equality = tallies["match score"], tallies["exact folded equality"]
    return 0 if ours.precision >= 0.98 and ours.recall > equality.recall else 1


def _row(name: str, tally: Tally, pace: str) -> str:
    wrong, taken = tally.false_when_there / max(1, tally.there), tally.false_when_absent / max(1, tally.absent)
    return f"| {name} | {tally.precision:.3f} | {tally.recall:.3f} | {wrong:.2%} | {taken:.2%} | {pace} |"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.matching", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--smoke", action="store_true", help=f"{SMOKE_SONGS} songs only")
    parser.add_argument("--songs", type=int, default=SONGS, help="how many songs are asked for")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print N mistakes")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
