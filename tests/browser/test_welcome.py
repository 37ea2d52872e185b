"""What a newcomer meets: the welcome notebook in a real JupyterLab, run from top to bottom."""

import pytest

pytestmark = pytest.mark.browser

# A picture that has arrived, and sound that the browser could decode: some seconds long, and seekable.
PICTURES = "[...document.querySelectorAll('.jp-OutputArea img')].filter(i => i.complete && i.naturalWidth > 0).length"
SECONDS = """() => {
    const seconds = audio => new Promise(resolve => {
        const told = () => resolve(Number.isFinite(audio.duration) ? audio.duration : 0);
        if (audio.readyState >= 1) return told();
        audio.onloadedmetadata = told;
        audio.onerror = () => resolve(-1);
        setTimeout(() => resolve(-2), 60000);
        audio.load();
    });
    return Promise.all([...document.querySelectorAll('.jp-OutputArea audio')].map(seconds));
}"""
LOUDEST = """async () => {
    const audio = document.querySelector('.jp-OutputArea audio');
    const source = audio.currentSrc || audio.src || audio.querySelector('source').src;
    const bytes = await (await fetch(source)).arrayBuffer();
    const sound = await new OfflineAudioContext(1, 44100, 44100).decodeAudioData(bytes);
    return sound.getChannelData(0).reduce((loudest, sample) => Math.max(loudest, Math.abs(sample)), 0);
}"""


def test_run_all_shows_pictures_and_sound(lab):
    lab.open("notebooks/00_welcome.ipynb")
    lab.run_all()
    assert lab.errors() == []
    lab.page.locator(".jp-OutputArea audio").first.scroll_into_view_if_needed()
    lab.shoot("00_welcome")
    lab.sees(PICTURES, lambda count: count >= 2)
    seconds = lab.page.evaluate(SECONDS)
    assert len(seconds) >= 2 and min(seconds) > 1, seconds
    assert 0.05 < lab.page.evaluate(LOUDEST) <= 1.05
    assert lab.complaints == []


def test_the_panel_makes_a_sound_of_typed_words(lab):
    lab.open("notebooks/00_welcome.ipynb")
    lab.run_all()
    words = lab.page.locator('input[placeholder="church bells"]')
    words.scroll_into_view_if_needed()
    words.fill("gentle church bells")
    lab.page.get_by_role("button", name="Generate", exact=True).click()
    take = lab.page.locator(".riffkit-takes-words")
    take.wait_for(timeout=120_000)
    lab.sees(take.inner_text, "1 gentle church bells")
    lab.shoot("00_welcome_panel")
    assert lab.errors() == []
