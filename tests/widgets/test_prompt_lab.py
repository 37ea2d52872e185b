"""What the panel does, without a browser: its buttons are clicked in Python."""

import numpy as np
import pytest
import traitlets

import riffkit
from riffkit.widgets.parts.calls import Call, Source, loading_code
from riffkit.widgets.parts.file_field import FileField
from riffkit.widgets.prompt_lab import PromptLab


@pytest.fixture
def lab(toy, tmp_path):
    lab = PromptLab(toy, "jazz piano", 3, folder=tmp_path / "riffs")
    lab.form.steps.value = 2
    yield lab
    lab.close()


def press(lab, button):
    button.click()
    lab.run_bar.job.join(120)
    assert lab.run_bar.error.value == ""


def clicked(lab, *buttons):
    for button in buttons:
        press(lab, button)
    return lab.takes.newest


def test_generate_gives_what_the_plain_call_gives(lab, toy):
    take = clicked(lab, lab.run_bar.button)
    same = toy.riff("jazz piano", seed=3, num_inference_steps=2, progress=False)
    assert np.array_equal(take.riff.clip.samples, same.clip.samples)
    assert (lab.takes.shown, lab.run_bar.cancel.disabled, lab.run_bar.button.disabled) == (1, True, False)
    assert lab.player.duration == pytest.approx(take.riff.clip.duration)


def test_copied_code_gives_the_same_bits(lab):
    lab.form.negative.value = "drums, 'and' \"quotes\""
    lab.form.scheduler.value = "ddim"
    lab.form.loop.value = True
    take = clicked(lab, lab.run_bar.button, lab.vary, lab.extend)
    assert take.number == 3 and take.call.source.title == "take 2"
    names = {}
    exec(lab.takes.labels[-1]["code"].replace("load(", "load(dtype='float32', checkpoint="), names)
    for number in (1, 2, 3):
        made, again = lab.takes.find(number).riff, names[f"riff_{number}"]
        assert np.array_equal(np.asarray(made.image), np.asarray(again.image))
        assert np.array_equal(made.clip.samples, again.clip.samples)


def test_code_says_only_what_is_not_usual(toy):
    call = Call("riff", {"prompt": "bells", "seed": 7, "num_inference_steps": 20, "loop": False})
    assert call.code(toy) == "riff = riffer.riff('bells', seed=7)\n"
    assert loading_code(toy).endswith(f"riffer = riffkit.load({toy.checkpoint.name!r})\n")


def test_a_call_needs_its_source():
    with pytest.raises(ValueError, match="vary needs a source"):
        Call("vary", {})
    with pytest.raises(ValueError, match="operation is 'shout'"):
        Call("shout", {})


def test_files_are_sources(lab, tmp_path):
    path = tmp_path / "tone.wav"
    riffkit.Clip(0.3 * np.sin(np.arange(44100) / 20)[None].astype(np.float32), 44100).save(path)
    lab.form.start_from(Source.from_file(path))
    assert not lab.form.strength.disabled
    take = clicked(lab, lab.run_bar.button)
    assert take.call.operation == "vary" and take.riff.clip.duration == pytest.approx(1)
    assert repr(str(path)) in take.code


def test_an_upload_arrives_under_its_own_name(lab):
    clip = riffkit.Clip(np.zeros((1, 44100), np.float32), 44100)
    with lab.form.file.hold_trait_notifications():
        lab.form.file.name, lab.form.file.data = "../../my tone.wav", clip.to_bytes("wav")
    assert lab.run_bar.error.value == "" and lab.form.source.value.title == "my tone.wav"
    assert lab.form.source.value.code == "'my tone.wav'"


def test_nothing_uploaded_is_no_file():
    with pytest.raises(ValueError, match="no file was uploaded"):
        FileField().saved()


def test_cancel_ends_the_run(lab):
    lab.form.steps.value = 100
    lab.run_bar.button.click()
    lab.run_bar.cancel.click()
    lab.run_bar.job.join(20)
    assert lab.takes.newest is None and not lab.run_bar.button.disabled
    assert "cancelled" in lab.run_bar.status.value and lab.run_bar.error.value == ""


def test_errors_are_shown_in_the_panel(lab):
    lab.form.path.value = "no <b>such</b> file.wav"
    lab._named({"event": "focus"})
    lab.run_bar.error.guards(lab._named)({"event": "submit"})
    assert "FileNotFoundError" in lab.run_bar.error.value and "<b>such" not in lab.run_bar.error.value
    lab.start(Call("riff", {"prompt": "", "seed": -1})).join(20)
    assert "seed is -1" in lab.run_bar.error.value and not lab.run_bar.button.disabled


def test_two_at_a_time_are_refused(lab):
    lab.form.steps.value = 100
    job = lab.start(lab.form.call())
    with pytest.raises(RuntimeError, match="something is being made"):
        lab.start(lab.form.call())
    job.cancel()
    job.join(20)


def test_saving_never_replaces(lab):
    clicked(lab, lab.run_bar.button)
    for button in (lab.save_sound, lab.save_sound, lab.save_picture):
        button.click()
    assert sorted(path.name for path in lab.folder.iterdir()) == [
        "jazz-piano-3-2.wav", "jazz-piano-3.png", "jazz-piano-3.wav",
    ]  # fmt: skip
    assert riffkit.Riff.load(lab.folder / "jazz-piano-3.wav").recipe["arguments"]["seed"] == 3


def test_two_takes_are_compared_and_stars_are_kept(lab):
    clicked(lab, lab.run_bar.button, lab.run_bar.button)
    lab.takes.a, lab.takes.b = 1, 2
    assert len(lab.comparison.children) == 1 and lab.run_bar.error.value == ""
    lab.takes.b = 0
    assert lab.comparison.children == ()
    lab.takes.starred = [2, 1]
    assert lab._kept().data.count("<img") >= 2
    assert repr(lab) == "PromptLab('jazz piano')"


def test_what_sounds_is_not_taken_away(lab):
    clicked(lab, lab.run_bar.button)
    lab.player.playing = True
    lab.form.seed.value = 4
    clicked(lab, lab.run_bar.button)
    assert lab.takes.shown == 1 and "take 2 is there" in lab.run_bar.status.value


def test_only_a_button_with_the_box_ticked_makes_it_sound(lab, monkeypatch):
    played = []
    monkeypatch.setattr(lab.player, "play", lambda: played.append(lab.takes.newest.number))
    lab.start(lab.form.call()).join(120)  # as a cell would
    clicked(lab, lab.run_bar.button, lab.vary, lab.extend)
    lab.form.play.value = False
    clicked(lab, lab.run_bar.button)
    assert played == [2, 3, 4] and lab.takes.newest.number == 5


def test_numbers_out_of_range_cannot_be_set(lab):
    with pytest.raises(traitlets.TraitError):
        lab.form.guidance.value = "loud"
    lab.form.seed.value = -5
    assert lab.form.seed.value == 0


def test_unknown_words_are_named(lab):
    lab.form._vocabulary = frozenset({"jazz"})
    assert "'piano'" in lab.form.remarks()


@pytest.fixture
def shared(toy, tmp_path, monkeypatch):
    """The panel as a page that others open."""
    monkeypatch.chdir(tmp_path)
    lab = PromptLab(toy, "jazz piano", 3, shared=True)
    lab.form.steps.value = 2
    yield lab
    lab.close()


def inside(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from inside(child)


def test_others_cannot_name_files_of_this_machine(shared, tmp_path):
    (tmp_path / "here.wav").touch()
    assert shared.form.path not in list(inside(shared))
    for path in ("here.wav", "gone.wav"):
        shared.form.path.set_state({"value": str(tmp_path / path)})
        shared.form.path._handle_custom_msg({"event": "submit"}, [])
        assert shared.run_bar.error.value == "", "whether a file is there is not told"
    assert len(shared.form.source.options) == 1


def test_what_others_ask_for_has_limits_here_not_in_the_page(shared):
    shared.form.steps.set_state({"value": 10**6})
    assert shared.form.steps.value == 50
    for field, said in ((shared.form.steps, "steps is 1e"), (shared.form.duration, "seconds is 1e")):
        field.set_state({"max": 10**6, "value": 10**6})
        shared.run_bar.button.click()
        assert said in shared.run_bar.error.value and shared.run_bar.job is None
        field.set_state({"value": 1})


def test_what_others_save_is_a_link_and_no_file_here(shared, tmp_path):
    import base64
    import re

    clicked(shared, shared.run_bar.button)
    for button, name in ((shared.save_sound, "jazz-piano-3.wav"), (shared.save_picture, "jazz-piano-3.png")):
        button.click()
        found = re.fullmatch(r'<a download="(.*?)" href="data:(.*?);base64,(.*?)">(.*?)</a>', shared.link.value)
        assert found[1] == found[4] == name
        (tmp_path / name).write_bytes(base64.b64decode(found[3]))
        assert riffkit.Riff.load(tmp_path / name).recipe["arguments"]["seed"] == 3
        (tmp_path / name).unlink()
    assert list(tmp_path.iterdir()) == [] and shared.run_bar.error.value == ""


def test_a_file_too_large_for_a_link_is_refused(shared, monkeypatch):
    monkeypatch.setattr("riffkit.widgets.parts.keeper.LARGEST_LINK", 100)
    clicked(shared, shared.run_bar.button)
    shared.save_sound.click()
    assert "this page gives files of 0.0001 MB" in shared.run_bar.error.value and shared.link.value == ""
