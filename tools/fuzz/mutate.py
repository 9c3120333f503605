"""Mutate valid documents into hostile bytes for ``fuzz``. Deterministic for a seeded random generator."""

from collections.abc import Callable, Sequence
from random import Random

TOKENS = [
    b"{", b"}", b"[", b"]", b":", b": ", b",", b'"', b"'", b"\\", b"\\u", b"\\ud800", b"\n", b"\r",
    b"\t", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"---\n", b"...\n", b"- ", b"? ", b"!",
    b"!!python/object/apply:os.system ", b"!!binary ", b"!!set ", b"!Ref ", b"&a ", b"*a", b"<<: *a",
    b"%YAML 1.1\n", b"%TAG ! x\n", b"|\n", b">-\n", b"#", b"null", b"~", b"true", b"yes", b"no", b"NaN",
    b"-Infinity", b"1e999", b"0x1F", b"0777", b"10:30:00", b"2026-01-01", b"99999999999999999999999",
    b"-0", b"1_000", b".5", b"<<<<<<< HEAD\n", b"// x\n", b"${env.A}", b"$${env.A}",
    b'"flowName": "a",', b'"tasks": [],', b"flowName: a\n", b"tasks: []\n",
    b"# appflow-gitops: ignore AFG2", b'{"taskType": "Map_all"}', b'"connectorType": "S3"',
    b"rate(1days)", b'"clientToken": ""', b'"tags": {}',
]  # fmt: skip
LARGEST = (1 << 20) + 10

Mutation = Callable[[Random, bytes, Sequence[bytes]], bytes]


def mutated(random: Random, seeds: Sequence[bytes]) -> bytes:
    """Return a random seed after one to six mutations."""
    data = random.choice(seeds)
    for _ in range(random.randint(1, 6)):
        data = random.choice(MUTATIONS)(random, data, seeds)[:LARGEST]
    return data


def _offset(random: Random, data: bytes) -> int:
    return random.randint(0, len(data))


def _piece(random: Random, data: bytes) -> tuple[int, int]:
    start = _offset(random, data)
    return start, min(len(data), start + random.choice((1, 2, 5, 20, 100)))


def _flip(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _piece(random, data)
    return data[:start] + bytes(byte ^ (1 << random.randint(0, 7)) for byte in data[start:end]) + data[end:]


def _cut(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _piece(random, data)
    return data[:start] + data[end:]


def _truncate(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    return data[: _offset(random, data)]


def _insert(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    offset = _offset(random, data)
    return data[:offset] + random.choice(TOKENS) + data[offset:]


def _repeat(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _piece(random, data)
    return data[:end] + data[start:end] * random.choice((1, 2, 10, 100)) + data[end:]


def _flood(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Repeat one token many times, to expose quadratic parsers."""
    offset = _offset(random, data)
    return data[:offset] + random.choice(TOKENS) * random.choice((100, 1000, 20_000)) + data[offset:]


def _splice(random: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    other = random.choice(seeds)
    return data[: _offset(random, data)] + other[_offset(random, other) :]


def _swap(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Replace one quoted word of the document by another."""
    words = data.split(b'"')
    if len(words) < 3:  # noqa: PLR2004 - two quotes make three words
        return data
    words[random.randrange(len(words))] = random.choice(words)
    return b'"'.join(words)


MUTATIONS: tuple[Mutation, ...] = (
    _flip, _flip, _cut, _truncate, _insert, _insert, _insert, _repeat, _splice, _swap, _swap, _flood
)  # fmt: skip
