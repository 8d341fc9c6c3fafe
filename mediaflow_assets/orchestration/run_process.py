"""The process of a run, by an identity that outlives the reuse of its pid and the setting of a clock."""

from __future__ import annotations

import socket

import psutil

_SAME_START = 1.5
"""Seconds: the kernel tells when it booted in whole ones, which may change between two looks."""
GONE = "The process of this run is gone: it was killed, or the machine was switched off."
PROCESS_TAG = "mediaflow/process"
"""Run tag: ``host:pid:start`` of the process that carries out a run; empty while it is started."""


def this_process() -> str:
    """Identity of this process."""
    return identity(psutil.Process())


def identity(process: psutil.Process) -> str:
    """``host:pid:start`` of a process of this machine.

    Raises:
        psutil.NoSuchProcess: it has ended.
    """
    # Seconds since the machine was started: the time of day changes when a clock is set.
    return f"{socket.gethostname()}:{process.pid}:{process.create_time() - psutil.boot_time():.2f}"


def is_alive(told: str, *, anywhere: bool = False) -> bool:
    """Whether the process with an identity is still there.

    Args:
        told: its identity. What ran on another machine or in another container cannot be known from here, and counts
            as alive.
        anywhere: it ran here, whatever this machine was called then: a container that is made anew has another name.
    """
    host, pid, start = told.split(":")
    if host != socket.gethostname() and not anywhere:
        return True
    try:
        process = psutil.Process(int(pid))
        same = abs(float(identity(process).split(":")[2]) - float(start)) < _SAME_START
        # One that has ended stays a zombie where nobody asks for its exit status, as in a container without an init.
        return same and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
