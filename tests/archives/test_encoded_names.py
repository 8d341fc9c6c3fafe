"""Names of ZIPs that do not say how they are written, as Windows of several countries writes them."""

from __future__ import annotations

import pytest

from tests.archives.conftest import Sandbox
from tests.archives.crafted import ZipMember, make_zip

NAMES = {
    "cp932": ["撮影/カメラA_001.mp4", "撮影/インタビュー.mov", "表/ナレーション表.wav", "ソ/能.mp4"],
    "gb18030": ["素材/采访一.mp4", "素材/空镜头_01.mov", "素材/城市夜景.mp4"],
    "big5": ["影片/訪問一.mp4", "影片/空景.mov", "許功蓋/開會.mp4"],
    "cp949": ["촬영/인터뷰.mp4", "촬영/도시 야경.mov"],
    "cp866": ["Съемка/Интервью_1.mp4", "Съемка/Город.mov"],
    "cp437": ["Tournage/Été à la plage.mp4", "Tournage/Interview_Hélène.mov", "Déjà vu/forêt.mp4"],
    "cp850": ["Tournage/Été à la plage.mp4", "Tournage/Hélène.mov", "Ça/château.mp4"],
    "cp1252": ["Tournage/Été à la plage.mp4", "Tournage/Interview_Hélène.mov", "Déjà vu/forêt.mp4"],
}


def zipped(names: list[str], encoding: str) -> bytes:
    return make_zip([ZipMember(name.encode(encoding), flags=0) for name in ["a.txt", *names]])


@pytest.mark.parametrize("encoding", NAMES)
def test_names_are_read_as_they_were_written(encoding: str, sandbox: Sandbox) -> None:
    findings = sandbox.extract(zipped(NAMES[encoding], encoding))
    assert sorted(sandbox.files()) == sorted(["a.txt", *NAMES[encoding]])
    same_as_before = encoding in ("cp437", "cp850")
    assert [finding.kind for finding in findings] == ([] if same_as_before else ["encoded names"])


@pytest.mark.parametrize(
    "name", ["Hélène.mov", "château.mp4", "forêt.mp4", "Noël à Besançon.mov", "Müller_Übung.mp4", "señor.mov"]
)
@pytest.mark.parametrize("encoding", ["cp437", "cp850"])
def test_one_western_name_stays_what_it_was(name: str, encoding: str, sandbox: Sandbox) -> None:
    sandbox.extract(zipped([name], encoding))
    assert sorted(sandbox.files()) == sorted(["a.txt", name])


def test_names_that_say_utf8_are_never_guessed(sandbox: Sandbox) -> None:
    members = [
        ZipMember("été.mp4"),
        ZipMember("素材.mp4".encode(), flags=0),
        ZipMember("forêt.mp4".encode("cp437"), flags=0),
    ]
    sandbox.extract(make_zip(members))
    assert sorted(sandbox.files()) == sorted(["été.mp4", "素材.mp4", "forêt.mp4"])


def test_a_way_out_in_any_encoding_is_refused(sandbox: Sandbox) -> None:
    from mediaflow_assets.core.errors import BadInput

    names = [*NAMES["cp932"], "ソ\\..\\..\\悪.mp4"]
    with pytest.raises(BadInput, match="unsafe name"):
        sandbox.extract(zipped(names, "cp932"))
