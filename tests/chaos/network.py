"""A network namespace for each instance, joined by a bridge on which PostgreSQL listens.

Cutting a line is a rule inside the namespace that drops packets: nobody is told, as when a
cable is pulled. The names are unique, and everything is gone when the ``with`` block ends.
"""

import os
import random
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

CHAINS = {"both": ("INPUT", "OUTPUT"), "to_server": ("OUTPUT",), "from_server": ("INPUT",)}


def why_not() -> str | None:
    """Why namespaces cannot be had here; None: they can."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "network namespaces need root"
    missing = [tool for tool in ("ip", "iptables") if shutil.which(tool) is None]
    if missing:
        return f"{' and '.join(missing)} not installed"
    name = _unique()
    try:
        _run("ip", "netns", "add", name)
        try:
            _run("ip", "netns", "exec", name, "iptables", "-w", "-A", "INPUT", "-j", "DROP")
            _run("ip", "link", "add", f"{name}b", "type", "bridge")
            _run("ip", "link", "del", f"{name}b")
        finally:
            _run("ip", "netns", "del", name)
    except subprocess.CalledProcessError as error:
        return f"this kernel does not allow them: {error.stderr.strip()}"
    return None


@dataclass(frozen=True, slots=True)
class Namespace:
    """The network of one instance."""

    name: str

    @property
    def prefix(self) -> Sequence[str]:
        """What to put before a command that is to run in it."""
        return ("ip", "netns", "exec", self.name)

    def cut(self, how: str) -> None:
        """Drop all packets in one or both directions; a key of ``CHAINS``."""
        for chain in CHAINS[how]:
            _run(*self.prefix, "iptables", "-w", "-A", chain, "-j", "DROP")

    def heal(self) -> None:
        _run(*self.prefix, "iptables", "-w", "-F")


@dataclass(frozen=True, slots=True)
class Network:
    """The bridge's address, and the namespaces on it."""

    address: str
    subnet: str
    namespaces: Sequence[Namespace]


@contextmanager
def network(size: int) -> Iterator[Network]:
    """A bridge with ``size`` namespaces; gone afterwards."""
    stem = _unique()
    part = _free_subnet()
    with ExitStack() as undo:
        bridge = f"{stem}b"
        _run("ip", "link", "add", bridge, "type", "bridge")
        undo.callback(_run, "ip", "link", "del", bridge)
        _run("ip", "addr", "add", f"{part}.1/24", "dev", bridge)
        _run("ip", "link", "set", bridge, "up")
        namespaces = []
        for number in range(size):
            name, outer = f"{stem}n{number}", f"{stem}v{number}"
            _run("ip", "netns", "add", name)
            # The inner end of the cable goes with the namespace, and the outer one with it.
            undo.callback(_run, "ip", "netns", "del", name)
            _run("ip", "link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", name)
            _run("ip", "link", "set", outer, "master", bridge, "up")
            _run("ip", "-n", name, "addr", "add", f"{part}.{number + 2}/24", "dev", "eth0")
            _run("ip", "-n", name, "link", "set", "eth0", "up")
            _run("ip", "-n", name, "link", "set", "lo", "up")
            namespaces.append(Namespace(name))
        yield Network(f"{part}.1", f"{part}.0/24", namespaces)


def _unique() -> str:
    """Ten letters: names of interfaces may have fifteen."""
    return f"trt{random.SystemRandom().getrandbits(28):07x}"


def _free_subnet() -> str:
    """Three numbers out of 198.18.0.0/15, which is reserved for tests (RFC 2544)."""
    taken = _run("ip", "-4", "-o", "addr", "show")
    choices = [f"198.{a}.{b}" for a in (18, 19) for b in range(256)]
    return random.SystemRandom().choice([one for one in choices if f" {one}." not in taken])


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
