"""Titles that speak to a model instead of naming a song. Pure.

This is the first line of defence: such a title is never sent. It is meant to be careful (real titles hold "ignore",
"system" and "every song" as well), so a word alone is never enough: it takes an order and what the order is about.
What slips through is caught by the second line, which looks at answers (``judging.py``).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from moodroom_hub.domain.models import Track
from moodroom_hub.plugins.llm_mining.texts import clean_line

LONGEST_NAME: Final = 400
"""Longer than any real title that was seen; a longer one is a letter to somebody."""

_FEWEST_SIGNS = 6

# Latin letters as others write them: Cyrillic and Greek ones that look alike, and digits that stand in for letters.
_LOOK_ALIKES = str.maketrans(dict(zip("аеіорсухѕјԁһѵкмтнвαενορτυχικ", "aeiopcyxsjdhvkmthbaevoptuxik", strict=True)))
_LEET = str.maketrans("013457@$!|", "oieastasil")

_DISREGARD = (
    r"(?:ignor\w*|disregard\w*|forget|overrid\w*|bypass|do not follow|don'?t follow|vergiss|vergesst|vergessen sie|"
    r"miss?achte\w*|verwirf|olvid[ae]\w*|oubli\w*|esque[cç]\w*|dimentica\w*|negeer|vergeet|glem|glöm|zignoruj|"
    r"zapomnij|unut|abaikan|проигнорируй\w*|игнорируй\w*|забудь\w*|無視|忘れ|忽略|忘记|忘記|무시)"
)
_INSTRUCTIONS = (
    r"(?:instruction\w*|prompts?|anweisung\w*|vorgaben|instruccion\w*|instru[cç][oõ]\w*|istruzion\w*|instructie\w*|"
    r"instruks\w*|instruktion\w*|instrukcj\w*|polece\w*|talimat\w*|instruksi|инструкци\w*|указани\w*|指示|指令|命令|"
    r"지시\w*)"
)
_EARLIER = (
    r"(?:previous\w*|prior|above|earlier|preceding|all (?:the |other )?|bisherig\w*|vorherig\w*|obig\w*|alle[nr]? |"
    r"anterior\w*|pr[eé]c[eé]dent\w*|preced\w*|vorige|poprzedni\w*|предыдущ\w*)"
)
_RULES = r"(?:rules?|commands?|orders|regeln|befehle?|reglas|r[eè]gles|regras|regole|context|guidelines?)"
_PUT = (
    r"(?:put|puts|place|add|assign|sort|file|move|mark|classif\w+|categori[sz]e|label|send|route|legt?e?|ordnet?e?|"
    r"packe?|setzt?e?|stell\w*|schieb\w*|sortier\w*|steck\w*|pon|pone[rd]?|coloca\w*|clasifica\w*|a[nñ]ad[ei]\w*|"
    r"mets|mettez|mettre|placez?|classez?|ajoute\w*|range[rz]?|metti|mettete|aggiungi|inserisci|coloque|adicione|zet|"
    r"plaats|legg|lägg|umieść|dodaj|wstaw|koy|положи\w*|помести\w*|добавь\w*|放|加入|入れ|넣\w*)"
)
_EVERY = (
    r"(?:all|every|each|any|the rest of the|these|alle|allen|aller|jede[nsrm]?|s[aä]mtliche\w*|todas?(?: las| as)?|"
    r"todos(?: los| os)?|cada|toutes?(?: les)?|tous(?: les)?|chaque|tutt[iea](?: le| i)?|ogni|elke?|hver|varje|"
    r"wszystkie|każd\w+|bütün|her|semua|все|всю|кажд\w+|每|所有|全ての?|すべての?|全部|모든)"
)
_SONGS = (
    r"(?:songs?|tracks?|titles?|items?|entries|lied(?:er)?|titel|st[uü]cke?|canci[oó]n(?:es)?|pistas?|temas|"
    r"chansons?|morceaux?|titres?|canzon[ie]|bran[oi]|m[uú]sicas?|faixas|nummers?|utwory|piosenki|utwór|şarkı\w*|lagu|"
    r"песн\w+|трек\w*|曲|歌曲?|곡\w*|노래\w*)"
)
_ALL_ALONE = r"(?:everything|anything|alles|todo|tudo|tout|tutto|wszystko|всё)"
_INTO = (
    r"(?:into|in|to|under|as|inside|room|nach|zu|zum|unter|raum|en|dans|sous|sala|nella?|em|na|no|naar|onder|"
    r"i|do|w|в|к|到|に|へ|에)"
)
_GAP = r"[^.!?]{0,40}?"

_MARKUP: Final = re.compile(
    r"</?\s*(?:system|assistant|developer|user|human|tool|tracks?|tasks?|instructions?|prompt|rooms?|data|json|"
    r"input|output|context|message|script|think)\b[^<>]{0,80}>|</[a-z]{3,}\s*>|"
    r"<\|[a-z_ ]+\|?>|\[/?inst\]|<<\s*/?sys\s*>>|###\s*(?:system|instruction|human|assistant|user)|"
    r"[\"']\s*\]?\s*\}\s*[\]},]|\{\s*[\"'][a-z_]+[\"']\s*:|[\"'](?:rooms?|placements?|confidence|task|tracks|misfits)"
    r"[\"']\s*:|```",
    re.IGNORECASE,
)
_ORDERS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_DISREGARD}\b.{{0,60}}?\b{_INSTRUCTIONS}",
        r"(?:無視|忽略|忘记|忘記|무시).{0,30}?(?:指示|指令|命令|지시)|(?:指示|指令|命令|지시).{0,30}?(?:無視|忘れ|무시)",
        rf"{_INSTRUCTIONS}.{{0,40}}?\b(?:ignorieren|vergessen|missachten|ignorar|ignorer|negeren|ignorare)\b",
        rf"\b{_DISREGARD}\b.{{0,30}}?\b{_EARLIER}.{{0,20}}?\b{_RULES}\b",
        rf"\b{_PUT}\b{_GAP}(?<!\w){_EVERY}\s+(?:\w+\s+){{0,2}}?{_SONGS}\b.{{0,40}}?(?<!\w){_INTO}(?!\w)",
        (
            rf"(?<!\w){_EVERY}\s+(?:\w+\s+){{0,2}}?{_SONGS}\b{_GAP}\b(?:go|goes|belong|belongs|must|should|shall|are|is|"
            rf"geh[oö]r\w*|kommen|m[uü]ssen|van|pertenecen|appartien\w+|vanno|devono|zuordnen|legen|einsortieren|packen|"
            rf"stecken)\b.{{0,30}}?\b(?:into|in|to|under|room|raum|nach|zu|a|en|dans)\b(?!\s+(?:you|me|us|him|her|them|my)\b)"
        ),
        rf"(?<!\w){_EVERY}\s+(?:\w+\s+)?{_SONGS}\s+(?:into|in den raum|to room|in room)\b",
        (
            rf"\b(?:put|file|place|sort|classify|assign|leg|lege|ordne|packe?|pon|mets|metti)\s+(?:\w+\s+)?{_ALL_ALONE}\s+"
            rf"(?:\w+\s+)?(?:into|under|in (?:den|die|the|room|raum)|to room|dem raum|dans la|en la|nella)\b"
        ),
        r"\bconfidence\s*(?:of|is|=|:)?\s*(?:1(?:\.0+)?|0?\.\d+|100|0)\b",
        (
            r"\b(?:new|next|real|actual|neue|nueva|nouvelle)\s+(?:task|instructions?|aufgabe|anweisung\w*|tarea|t[aâ]che)"
            r"\s*:"
        ),
        r"\bend of (?:data|input|list|prompt|instructions?|document)\b",
        r"\b(?:system|hidden|initial)\s+prompt\b|\blanguage model\b|\bsprachmodell\b|\bmodelo de lenguaje\b",
        (
            r"\b(?:dear|hey|liebe[sr]?|lieber|querid[oa]|cher|ch[eè]re|car[oa])\s+(?:model|modell|ai|ki|llm|assistant|"
            r"assistent|modelo|mod[eè]le|ia|modello)\b[,:!]?"
        ),
        (
            r"^\s*\W*(?:system|assistant|developer|user|human|ai)\s*(?::|>|\])\s*.*\b(?:place|put|add|assign|all|every|"
            r"tracks?|songs?|room|answer|reply|respond|output|you|ignore)\b"
        ),
        (
            r"\b(?:answer|respond|reply|output|antworte|responde|r[eé]ponds|rispondi)\s+(?:only|always|just|nur|immer|"
            r"solo|s[oó]lo|uniquement)?\s*(?:with|mit|con|avec|in|als|as)\s+(?:the |an? |einem |un )?(?:json|following|"
            r"empty|room|placements?|leeren?)"
        ),
    )
)
_HINTS: Final = re.compile(
    "|".join(
        (
            # What the orders are about: each of them needs one of these words. Most titles hold none.
            "instru|prompt|anweisung|vorgaben|istruz|polece|talimat|инструкц|указани|指|命令|지시|rule|command|orders|",
            "regel|befehl|reglas|r[eè]gles|regras|regole|context|guideline|song|track|title|item|entr|lied|titel|",
            "st[uü]ck|canci|pista|tema|chanson|morceau|titre|canzon|bran|m[uú]sica|faixa|nummer|utw|piosen|şark|lagu|",
            "песн|трек|曲|歌|곡|노래|everything|anything|alles|todo|tudo|tout|tutto|wszystko|всё|confidence|task|",
            "aufgabe|tarea|t[aâ]che|end of|language model|sprachmodell|modelo|mod[eè]l|assist|",
            r"\bai\b|\bki\b|\bia\b|llm|\bsystem\b|developer|\buser|human|json|following|placement|empty|room|leere?n?\b",
        )
    ).replace("||", "|")
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STARTS: Final = _words(
    "ins pro anw vor ist pol tal rul com ord reg bef con gui son tra tit ite ent lie stu can pis tem cha mor bra mus "
    "fai num utw pio lag eve any all tod tud tou tut wsz tas auf tar tac end lan spr mod ass ai ki ia llm sys dev use "
    "hum jso fol pla emp roo lee"
)
"""How the words of the hints begin: a quick look that spares most titles the thorough one."""
_WORD: Final = re.compile("[a-z]+")
_DISGUISED: Final = re.compile(r"[a-z][013457@$!|]+[a-z]")
_SPACED: Final = re.compile(r"(?<!\w)(?:\w[ ._-]){5,}\w(?!\w)")


def reads_like_an_order(track: Track) -> bool:
    """Whether the track's name, artists or album speak to a model."""
    return any(map(is_order, _texts(track)))


@lru_cache(maxsize=4096)  # albums and artists come again and again
def is_order(text: str) -> bool:
    """Whether a text of others speaks to a model."""
    line = clean_line(text, LONGEST_NAME + 1)
    if len(line) > LONGEST_NAME:
        return True
    if len(line) < _FEWEST_SIGNS:
        return False
    return _MARKUP.search(line) is not None or any(
        order.search(reading) is not None for reading in _readings(line) if _hints(reading) for order in _ORDERS
    )


def _texts(track: Track) -> Iterable[str]:
    yield from (track.name, *track.artists)
    if track.album:
        yield track.album
        # An order may be dealt out over the fields.
        if track.album != track.name and (_hints(track.name.casefold()) or _hints(track.album.casefold())):
            yield f"{track.name} {track.album}"
    if len(track.artists) > 1:
        yield " ".join(track.artists)


def _hints(text: str) -> bool:
    """Whether there is anything in the casefolded text that an order could be about."""
    if text.isascii() and not any(word[:3] in _STARTS for word in _WORD.findall(text)):
        return False
    return _HINTS.search(text) is not None


def _readings(line: str) -> Iterator[str]:
    is_ascii = line.isascii()
    plain = line.lower() if is_ascii else unicodedata.normalize("NFKC", line).casefold()
    words = plain.replace("_", " ")
    yield words
    latin = words if is_ascii else words.translate(_LOOK_ALIKES)
    if latin != words:
        yield latin
    if _DISGUISED.search(latin) is not None:
        yield latin.translate(_LEET)
    spaced = _SPACED.sub(lambda match: re.sub(r"[ ._-]", "", match.group()), latin)
    if spaced != latin:
        yield spaced
