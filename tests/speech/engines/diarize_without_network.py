"""Run by a test: diarizes a file in a process that may not open an internet socket.

A seccomp filter (Linux) makes the kernel kill the process at ``socket(AF_INET…)``, so that
libraries in C++ and errors that somebody swallows are caught too. An audit hook lists what Python
itself tried.
"""

from __future__ import annotations

import ctypes
import json
import platform
import socket
import struct
import sys
import time
from pathlib import Path

_SOCKET_CALL = {"x86_64": (41, 0xC000003E), "aarch64": (198, 0xC00000B7)}
"""Machine to (number of the socket system call, audit architecture), from the kernel's headers."""
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_KILL_PROCESS, _ALLOW = 0x80000000, 0x7FFF0000
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _MODE_FILTER = 22, 38, 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def forbid_internet_sockets() -> None:
    """For this thread and every thread and process that it starts, for good."""
    call, architecture = _SOCKET_CALL[platform.machine()]
    # (code, steps when equal, steps when not, operand); offsets: 0 call, 4 architecture, 16 first argument
    instructions = [
        (_LOAD, 0, 0, 4),
        (_JUMP_IF_EQUAL, 0, 5, architecture),
        (_LOAD, 0, 0, 0),
        (_JUMP_IF_EQUAL, 0, 3, call),
        (_LOAD, 0, 0, 16),
        (_JUMP_IF_EQUAL, 2, 0, socket.AF_INET),
        (_JUMP_IF_EQUAL, 1, 0, socket.AF_INET6),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _KILL_PROCESS),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in instructions))
    program = _Program(len(instructions), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    for arguments in ((_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0)):
        if libc.prctl(*arguments) != 0:
            raise OSError(ctypes.get_errno(), "the kernel refuses the filter")


def main() -> None:
    attempts: list[str] = []

    def listen(event: str, _: object) -> None:
        if event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}:
            attempts.append(event)

    # Learns at its first import, wherever that is, whether there is IPv6: by binding a loopback
    # port, which sends nothing. It shall not hide a real connection, so it comes before the ban.
    import urllib3  # noqa: F401

    sys.addaudithook(listen)
    forbid_internet_sockets()
    if sys.argv[1] == "--open-a-socket":
        socket.socket(socket.AF_INET)
        return

    from mediaflow_assets.execution.devices import ComputeSettings
    from mediaflow_assets.modelstore import ModelStore
    from mediaflow_assets.speech.audio import read_waveform
    from mediaflow_assets.speech.diarization import ENGINES, NO_HINTS
    from mediaflow_assets.speech.settings import SpeechSettings

    build = ENGINES.get(sys.argv[3])
    engine = build(SpeechSettings(), ModelStore(Path(sys.argv[1])), ComputeSettings(device="cpu"))
    waveform = read_waveform(Path(sys.argv[2]))
    engine.load()
    loaded = time.monotonic()
    segments = engine.process(waveform, NO_HINTS, lambda _fraction, _step: None).segments
    # Reporters collect before they send: ONNX Runtime's first message leaves after 5 to 10 s.
    time.sleep(max(0.0, loaded + 15 - time.monotonic()))
    sys.stdout.write(json.dumps({"speakers": len({one.speaker for one in segments}), "python_sockets": attempts}))


if __name__ == "__main__":
    main()
