"""What is written is whole or not there, replaces what it was told to alone, and is known when left behind."""

import errno
import json
import os
import resource
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import riffkit
from riffkit.sound import files
from riffkit.sound.clip import Clip
from riffkit.sound.files import is_left_over, left_over, read_metadata, replacing
from riffkit.sound.image_file import read_image_metadata, save_image
from tests.faults.faulty_disk import faulty

RECIPE = {"recipe": {"operation": "riff", "x": "y" * 1000}}
SOUNDS, PICTURES = (".wav", ".flac", ".ogg", ".mp3"), (".png", ".webp", ".jpg")


@pytest.fixture(scope="module")
def clip():
    rng = np.random.default_rng(0)
    return Clip((0.3 * np.sin(np.arange(60000) / 20) + 0.1 * rng.standard_normal(60000)).astype("f"), 44100)


@pytest.fixture(scope="module")
def image(clip):
    return riffkit.encode(clip)


@pytest.fixture
def save(clip, image):
    def save(path, overwrite=False):
        if path.suffix in PICTURES:
            recipe = RECIPE if path.suffix == ".png" else None
            return save_image(image, path, overwrite=overwrite, recipe=recipe)
        return clip.save(path, overwrite=overwrite, metadata=RECIPE)

    return save


def whole(path):
    """Raises if the file at `path` is not whole."""
    if path.suffix in PICTURES:
        assert riffkit.sound.files.open_image(path).size == (137, 512)
        assert path.suffix != ".png" or read_image_metadata(path) == RECIPE
    else:
        assert Clip.load(path).samples.shape[1] == pytest.approx(60000, abs=1)
        assert read_metadata(path) == RECIPE
    return True


@pytest.mark.parametrize("suffix", SOUNDS + PICTURES)
@pytest.mark.parametrize("end", ["full", "short"])
def test_a_disk_full_at_any_step_leaves_what_was_there(tmp_path, save, suffix, end):
    path = tmp_path / f"a{suffix}"
    with faulty() as disk:
        save(path)
    n = disk.steps
    assert n >= 3
    before = path.read_bytes()
    steps = range(1, n + 1) if n <= 40 else {1, 2, 3, *range(4, n, n // 12), n - 4, n - 3, n - 2, n - 1, n}
    for at in steps:
        for overwrite in (False, True):
            new = tmp_path / f"b{suffix}" if not overwrite else path
            with faulty(at, end):
                try:
                    save(new, overwrite=overwrite)
                except OSError as error:
                    assert error.errno == errno.ENOSPC and "No space left" in str(error)
            assert path.read_bytes() == before or whole(path)
            if not overwrite and new.exists():  # only what comes after its name was given failed
                assert whole(new) and at > n - 2
                new.unlink()
        left = {p.name for p in tmp_path.iterdir()} - {path.name}
        assert left == set(), (at, left)
        path.write_bytes(before)


@pytest.mark.parametrize("suffix", SOUNDS + PICTURES)
def test_a_file_that_may_not_grow_is_no_file(tmp_path, save, suffix):
    """A limit of the system's on the size of files ends writes as a full disk does."""
    path = tmp_path / f"a{suffix}"
    save(path)
    size = path.stat().st_size
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    kept = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        for missing in (1, 2, 7, 100, 1000, size // 2, size - 1):
            resource.setrlimit(resource.RLIMIT_FSIZE, (max(size - missing, 1), hard))
            with pytest.raises(OSError, match="File too large|could be written|could not write"):
                save(path, overwrite=True)
            assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == [path.name]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, kept)


CHILD = """
import sys
from pathlib import Path
import numpy as np
from riffkit.sound.clip import Clip
from riffkit.sound.image import encode
from riffkit.sound.image_file import save_image
from tests.faults.faulty_disk import faulty
path, at = Path(sys.argv[1]), int(sys.argv[2])
clip = Clip(np.linspace(-.5, .5, 3000).astype("f"), 44100)
image = encode(clip)
with faulty(at, "dead") as disk:
    clip.save(path, overwrite=True, metadata={"a": 1}) if path.suffix == ".wav" else save_image(image, path, True)
print(disk.steps)
"""


def child(*words, code=CHILD, **keywords):
    places = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)], stdout=subprocess.PIPE, text=True, env=places, **keywords
    )


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".wav", ".png"])
def test_killed_at_any_step_it_is_old_or_new_and_the_next_call_clears_up(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    counted, _ = child(path, 0).communicate()
    n, new = int(counted), path.read_bytes()
    assert n >= 3
    children = []
    for at in range(1, n + 1) if n < 10 else (1, 2, n - 2, n - 1, n):
        folder = tmp_path / str(at)
        folder.mkdir()
        (folder / path.name).write_bytes(b"old")
        children.append((folder, child(folder / path.name, at)))
    for folder, one in children:
        one.communicate()
        assert one.returncode == 9
        assert (folder / path.name).read_bytes() in (b"old", new)
        left = [p for p in folder.iterdir() if p != folder / path.name]
        assert all(is_left_over(p) for p in left) and len(left) <= 1
        with replacing(folder / "other", False) as temporary:
            Path(temporary).write_text("x")
        assert sorted(p.name for p in folder.iterdir()) == sorted([path.name, "other"])


def test_what_others_are_writing_is_not_cleared_away(tmp_path):
    own = tmp_path / f".x{left_over.own_tail()}"
    stranger = tmp_path / f".x-000000-{os.getpid()}-abcdef.riffkit.tmp"  # on another machine
    foreign = tmp_path / ".x-12345678.tmp"
    for path in (own, stranger, foreign):
        path.write_text("half")
    left_over.clear(tmp_path)
    assert all(path.exists() for path in (own, stranger, foreign))
    assert all(map(is_left_over, (own, stranger, foreign)))
    assert not any(map(is_left_over, (tmp_path / "a.tmp", tmp_path / ".hidden", tmp_path / "x.riffkit.tmp")))
    os.utime(stranger, (0, 0))
    left_over._cleared.clear()
    left_over.clear(tmp_path)
    assert own.exists() and not stranger.exists() and foreign.exists()


SLOW = """
import sys, time
from pathlib import Path
from riffkit.sound.files import replacing
with replacing(sys.argv[1], False) as temporary:
    Path(temporary).write_text("half")
    print("writing", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_leave_nothing_half_written(tmp_path, number):
    one = child(tmp_path / "a.txt", code=SLOW)
    assert one.stdout.readline() == "writing\n"
    one.send_signal(number)
    one.communicate()
    assert one.returncode == -number, "it still dies of the signal"
    assert list(tmp_path.iterdir()) == []


def test_who_hears_signals_goes_on_hearing_them(tmp_path):
    heard = []
    kept = signal.signal(signal.SIGTERM, lambda *_: heard.append(1))
    try:
        with replacing(tmp_path / "a", False) as temporary:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.01)
            Path(temporary).write_text("x")
        assert heard == [1] and (tmp_path / "a").read_text() == "x"
        assert callable(signal.getsignal(signal.SIGTERM))
    finally:
        signal.signal(signal.SIGTERM, kept)
    with replacing(tmp_path / "b", False):
        pass
    assert signal.getsignal(signal.SIGTERM) == kept


@pytest.mark.parametrize("links", [True, False])
def test_of_two_writers_of_one_name_one_is_told(tmp_path, monkeypatch, links):
    """Neither is told "saved" while its file is lost; with disks that know no links too."""
    if not links:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(errno.EPERM, "no links")))
    both, ends = threading.Barrier(2), []

    def write(word):
        try:
            with replacing(tmp_path / "a.txt", False) as temporary:
                Path(temporary).write_text(word)
                both.wait(10)
            ends.append(word)
        except FileExistsError as error:
            assert "a.txt" in str(error)

    for _ in range(20):
        ends.clear()
        writers = [threading.Thread(target=write, args=(word,)) for word in ("first", "second")]
        [writer.start() for writer in writers]
        [writer.join() for writer in writers]
        assert len(ends) == 1 and (tmp_path / "a.txt").read_text() == ends[0]
        assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
        (tmp_path / "a.txt").unlink()


def test_links_stay_links(tmp_path, clip):
    real, link = tmp_path / "real" / "a.wav", tmp_path / "link.wav"
    real.parent.mkdir()
    link.symlink_to(real)
    with pytest.raises(FileExistsError, match="link to .*does not exist"):
        clip.save(link)
    clip.save(link, overwrite=True)
    assert link.is_symlink() and Clip.load(real).duration == clip.duration
    clip.slice(0, 0.5).save(link, overwrite=True)
    assert link.is_symlink() and Clip.load(real).duration == 0.5
    assert [p.name for p in real.parent.iterdir()] == ["a.wav"]
    away = tmp_path / "away.wav"
    away.symlink_to(tmp_path / "not-mounted" / "x.wav")
    with pytest.raises(FileNotFoundError, match="not-mounted"):
        clip.save(away, overwrite=True)
    assert away.is_symlink()


def test_modes_are_kept_and_the_umask_is_not_touched(tmp_path, clip, image, monkeypatch):
    monkeypatch.setattr(os, "umask", lambda _: pytest.fail("the umask belongs to the whole process"))
    for path in (tmp_path / "a.wav", tmp_path / "a.png"):
        path.write_bytes(b"x")
        for mode in (0o600, 0o640, 0o444):
            path.chmod(mode)
            clip.save(path, True) if path.suffix == ".wav" else save_image(image, path, True)
            assert stat.S_IMODE(path.stat().st_mode) == mode
    plain = tmp_path / "plain"
    plain.write_text("x")
    with replacing(tmp_path / "new", False) as temporary:
        Path(temporary).unlink()
        Path(temporary).write_text("x")
        Path(temporary).chmod(0o600)  # as writers do that make a file of their own
    assert (tmp_path / "new").stat().st_mode == plain.stat().st_mode


def test_long_names_are_cut_and_sound_is_not_lost(tmp_path, clip, image):
    for n in (200, 240, 246, 250):  # the name fits, a longer temporary one would not
        name = "x" * n + ".wav"
        assert clip.save(tmp_path / name).name == name
    with pytest.warns(UserWarning, match="is cut to"):
        path = clip.save(tmp_path / ("教" * 200 + ".wav"))
    assert path.exists() and path.suffix == ".wav" and len(os.fsencode(path.name)) <= 255 and "教" * 80 in path.name
    with pytest.warns(UserWarning, match="is cut to"):
        assert save_image(image, tmp_path / ("y" * 300 + ".png")).suffix == ".png"
    assert not [p for p in tmp_path.iterdir() if is_left_over(p)]


@pytest.mark.skipif(
    os.name == "nt" or os.geteuid() == 0 and not Path("/proc/self").exists(), reason="nowhere read-only"
)
def test_a_folder_that_takes_nothing_is_named(clip):
    with pytest.raises(OSError, match="nothing can be written into /proc"):
        clip.save("/proc/self/a.wav")


@pytest.mark.filterwarnings("ignore:the name has")
@pytest.mark.parametrize("name", ["x" * 300, "x." + "y" * 300, "." + "z" * 400])
def test_a_name_that_is_too_long_is_refused_before_the_work(tmp_path, name):
    with pytest.raises(OSError, match="longer than a name may be"), replacing(tmp_path / name, False):
        pytest.fail("the work began")
    assert list(tmp_path.iterdir()) == []


def test_devices_and_folders_are_no_targets(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name, error in {"pipe": ValueError, "folder": IsADirectoryError}.items():
        with pytest.raises(error, match=name), replacing(tmp_path / name, True):
            pass
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder", "pipe"]


def test_lone_surrogates_travel_in_recipes(tmp_path, clip, image):
    recipe = {"prompt": "a\ud800b", "words": ["\udcff"]}
    for suffix in SOUNDS:
        assert read_metadata(clip.save(tmp_path / f"a{suffix}", metadata=recipe)) == recipe
    assert read_image_metadata(save_image(image, tmp_path / "a.png", recipe=recipe)) == recipe


def test_what_a_format_cannot_hold_is_said_before_anything_is_written(tmp_path, clip, image):
    wide = image.resize((70000, 8))
    for suffix, widest in ((".webp", 16383), (".jpg", 65535)):
        with pytest.raises(ValueError, match=f"up to {widest} columns"):
            save_image(wide, tmp_path / f"a{suffix}")
    with pytest.raises(ValueError, match="mode F"):
        save_image(image.convert("F"), tmp_path / "a.png")
    with pytest.raises(ValueError, match=r"mode RGBA.*convert"):
        save_image(image.convert("RGBA"), tmp_path / "a.jpg")
    with pytest.raises(TypeError, match="JSON"):
        clip.save(tmp_path / "a.wav", metadata={"x": object()})
    assert list(tmp_path.iterdir()) == []


def test_bytes_that_do_not_come_back_are_no_file(tmp_path, image, monkeypatch):
    real = os.fsync
    with pytest.raises(OSError, match="do not come back"), faulty() as disk:
        disk.step = lambda data=None, handle=None: data is not None and os.write(handle, b"?")
        save_image(image, tmp_path / "a.png")
    assert os.fsync is real and list(tmp_path.iterdir()) == []


def test_the_front_door_has_all_that_others_use():
    assert all(getattr(files, name) is not None for name in files.__all__)
    assert json.dumps(RECIPE)
