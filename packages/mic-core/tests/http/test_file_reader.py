import errno
import os
import socket
import threading
from pathlib import Path

import pytest

from mic.http import _file_reader
from mic.http._file_reader import FileReader
from mic.model import NotFoundError


@pytest.fixture
def reader() -> FileReader:
    return FileReader()


def open_descriptors() -> set[str]:
    return {descriptor.name for descriptor in Path("/dev/fd").iterdir()}


def refused(path: str | Path, root: Path | None = None) -> None:
    before = open_descriptors()
    reader = FileReader()
    with pytest.raises(NotFoundError, match="no such file") as caught:
        reader.open(path, root=root)
    reader.close()
    assert caught.value.code == "http.file_not_found"
    assert open_descriptors() == before


class TestOpen:
    def test_tells_size_time_and_path(self, reader: FileReader, tmp_path: Path) -> None:
        path = tmp_path / "a.txt"
        path.write_bytes(b"hello")
        os.utime(path, ns=(1, 1_500_000_000))
        facts = reader.open(path)
        assert (facts.size, facts.mtime_ns) == (5, 1_500_000_000)
        assert reader.path == str(path.resolve())
        reader.close()

    def test_without_root_links_are_followed(self, reader: FileReader, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"hello")
        (tmp_path / "link").symlink_to(tmp_path / "a")
        assert reader.open(str(tmp_path / "link")).size == 5
        reader.close()

    def test_absent(self, tmp_path: Path) -> None:
        refused(tmp_path / "absent")
        refused(tmp_path / "absent" / "deeper")

    def test_a_file_is_no_folder(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"")
        refused(tmp_path / "a" / "b")

    def test_a_folder(self, tmp_path: Path) -> None:
        refused(tmp_path)

    def test_a_fifo_does_not_wait_for_its_writer(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "fifo")
        refused(tmp_path / "fifo")

    def test_what_is_no_file_is_not_even_opened(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        os.mkfifo(tmp_path / "fifo")
        opened: list[str] = []
        really_open = os.open

        def spy(name: str, flags: int, *, dir_fd: int | None = None) -> int:
            opened.append(name)
            return really_open(name, flags, dir_fd=dir_fd)

        monkeypatch.setattr(os, "open", spy)
        refused(tmp_path / "fifo")
        refused("fifo", tmp_path)
        assert not [name for name in opened if name.endswith("fifo")]

    def test_a_socket_and_a_device(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("socket")
            refused("socket")
        refused("/dev/null")

    @pytest.mark.parametrize("path", ["a\0b", "\ud800", "x" * 5_000, ""])
    def test_what_no_file_is_called(self, path: str, tmp_path: Path) -> None:
        refused(path)
        refused(path, tmp_path)

    def test_a_loop_of_links(self, tmp_path: Path) -> None:
        (tmp_path / "loop").symlink_to("loop")
        refused(tmp_path / "loop")
        refused("loop", tmp_path)

    def test_trouble_of_the_service_is_no_absent_file(
        self, reader: FileReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "a").write_bytes(b"")

        def exhausted(*_: object, **__: object) -> int:
            raise OSError(errno.EMFILE, "too many open files")

        monkeypatch.setattr(os, "open", exhausted)
        with pytest.raises(OSError, match="too many open files"):
            reader.open(tmp_path / "a")

    def test_what_was_swapped_after_it_was_looked_at(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "a"
        path.write_bytes(b"")
        os.mkfifo(tmp_path / "fifo")
        really_open = os.open

        def swap(name: str, flags: int, *, dir_fd: int | None = None) -> int:
            (tmp_path / "fifo").rename(path)
            return really_open(name, flags, dir_fd=dir_fd)

        monkeypatch.setattr(os, "open", swap)
        refused(path)


class TestRoot:
    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        (tmp_path / "secret").write_bytes(b"secret")
        (tmp_path / "root-of-another").mkdir()
        (tmp_path / "root-of-another" / "a").write_bytes(b"secret")
        root = tmp_path / "root"
        (root / "deep" / "er").mkdir(parents=True)
        (root / "a").write_bytes(b"a")
        (root / "deep" / "er" / "b").write_bytes(b"bb")
        (root / "out").symlink_to(tmp_path / "secret")
        (root / "in").symlink_to("deep")
        (root / "folder-out").symlink_to(tmp_path)
        return root

    @pytest.mark.parametrize(
        ("path", "size"),
        [
            ("a", 1),
            ("deep/er/b", 2),
            ("in/er/b", 2),
            ("deep/../a", 1),
            ("./a", 1),
            ("../root/a", 1),
        ],
    )
    @pytest.mark.parametrize("can_walk", [True, False])
    def test_inside(
        self,
        path: str,
        size: int,
        can_walk: bool,
        root: Path,
        reader: FileReader,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(_file_reader, "_CAN_WALK", can_walk)
        before = open_descriptors()
        assert reader.open(path, root=root).size == size
        reader.close()
        assert open_descriptors() == before

    def test_an_absolute_path_inside(self, root: Path, reader: FileReader) -> None:
        assert reader.open(str(root / "a"), root=str(root)).size == 1
        reader.close()

    @pytest.mark.parametrize(
        "path",
        [
            "../secret",
            "deep/../../secret",
            "/etc/passwd",
            "out",
            "folder-out/secret",
            "../root-of-another/a",
            ".",
            "..",
            "",
            "deep",
            "absent",
            "absent/a",
            "a/b",
        ],
    )
    def test_outside_or_absent(self, path: str, root: Path) -> None:
        refused(path, root)

    def test_absent_root(self, tmp_path: Path) -> None:
        refused("a", tmp_path / "absent")

    def test_a_folder_that_became_a_link_since_it_was_resolved(
        self, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        really_resolve = os.path.realpath

        def swap(path: str | Path) -> str:
            resolved = really_resolve(path)
            if resolved.endswith("er/b"):
                (root / "deep").rename(tmp_path / "gone")
                (tmp_path / "elsewhere" / "er").mkdir(parents=True)
                (tmp_path / "elsewhere" / "er" / "b").write_bytes(b"secret")
                (root / "deep").symlink_to(tmp_path / "elsewhere")
            return resolved

        monkeypatch.setattr(os.path, "realpath", swap)
        refused("deep/er/b", root)


class TestReadAndClose:
    def test_reads_anywhere(self, reader: FileReader, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"0123456789")
        reader.open(tmp_path / "a")
        assert reader.read(3, 4) == b"3456"
        assert reader.read(0, 2) == b"01"
        assert reader.read(8, 99) == b"89"
        assert reader.read(10, 1) == b""
        reader.close()

    def test_nothing_is_open(self, reader: FileReader) -> None:
        with pytest.raises(ValueError, match="no file is open"):
            reader.read(0, 1)

    def test_closed_reads_nothing_and_opens_nothing(
        self, reader: FileReader, tmp_path: Path
    ) -> None:
        (tmp_path / "a").write_bytes(b"0")
        before = open_descriptors()
        reader.open(tmp_path / "a")
        reader.close()
        reader.close()
        assert open_descriptors() == before
        with pytest.raises(ValueError, match="closed"):
            reader.read(0, 1)
        with pytest.raises(ValueError, match="closed"):
            reader.open(tmp_path / "a")

    def test_closed_during_a_read_the_descriptor_lives_until_its_end(
        self, reader: FileReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "a").write_bytes(b"content")
        before = open_descriptors()
        reader.open(tmp_path / "a")
        begun, go_on = threading.Event(), threading.Event()
        really_read = os.read

        def slow_read(descriptor: int, size: int) -> bytes:
            begun.set()
            assert go_on.wait(10)
            return really_read(descriptor, size)

        monkeypatch.setattr(os, "read", slow_read)
        chunks: list[bytes] = []
        thread = threading.Thread(target=lambda: chunks.append(reader.read(0, 7)))
        thread.start()
        assert begun.wait(10)
        reader.close()
        go_on.set()
        thread.join(10)
        assert chunks == [b"content"]
        assert open_descriptors() == before
