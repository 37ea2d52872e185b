"""Prompts of prior preservation: a list of instruments and styles, without what is learnt."""

import re
from collections import Counter
from collections.abc import Sequence

# Instruments and styles by turns: a short run takes the beginning only.
PROMPTS = tuple(
    "piano; rock with drums; flute melody; slow strings; techno; acoustic guitar; church bells; jazz trio; choir;"
    " electronic drums; trumpet; synth bass line; happy electric piano chords; bossa nova; violin; music box;"
    " drum kit; saxophone solo; ambient synth pad; banjo; hip hop beat; church organ; funk; harp arpeggio; fast piano;"
    " distorted guitar riff; slow sad cello; reggae; vibraphone; brass section; disco; nylon guitar; accordion waltz;"
    " double bass; heavy metal; synth lead; clarinet; lullaby; marimba; film music with strings; blues; electric guitar"
    " and drums; folk; house music; pan flute; loud drums; quiet piano; country".split("; ")
)


def others(captions: Sequence[str], prompts: Sequence[str] = PROMPTS) -> tuple[str, ...]:
    """Choose the prompts that are about something else than what is learnt.

    A word that stands in half of the captions, or more, is what they are about; prompts with such a word are left out
    (all are kept if none would be left).

    Parameters
    ----------
    captions : sequence of str
        Of what is learnt.
    prompts : sequence of str

    Returns
    -------
    tuple of str
    """
    counts = Counter(word for caption in captions for word in _words(caption))
    learnt = {word for word, count in counts.items() if 2 * count >= len(captions) and len(word) > 3}
    return tuple(prompt for prompt in prompts if not _words(prompt) & learnt) or tuple(prompts)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))
