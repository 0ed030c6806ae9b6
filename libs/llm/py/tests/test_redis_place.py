"""Answers in a real Redis."""

import asyncio
import datetime
import ipaddress
import socket
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from redis_server import redis_server

from sq.v1.source_pb2 import AnswerCache
from sq_handoff import StorageAway, StorageFull, StorageRefused
from sq_llm.cache import redis_place
from sq_llm.cache.opened import place_at


def put(place, **entries):
    return _once(place, place.put({name: data.encode() for name, data in entries.items()}))


def get(place, *names):
    return _once(place, place.get(names)).entries


def _once(place, work):
    async def once():
        try:
            return await work
        finally:
            await place.close()

    return asyncio.run(once())


def test_entries_live_as_long_as_they_may(tmp_path):
    with redis_server(tmp_path) as server:
        short = place_at(server.url, AnswerCache(max_age_days=0.3 / 86_400))
        put(short, a="1")
        put(place_at(server.url), b="1")
        assert set(get(short, "a", "b")) == {"a", "b"}
        time.sleep(0.4)
        assert set(get(short, "a", "b")) == {"b"}


def test_databases_are_apart(tmp_path):
    with redis_server(tmp_path) as server:
        put(place_at(server.url), a="1")
        assert get(place_at(server.url.removesuffix("/0") + "/1"), "a") == {}
        with pytest.raises(StorageRefused, match="DB index"):
            get(place_at(server.url.removesuffix("/0") + "/99"), "a")


def test_many_entries_by_many_callers(tmp_path):
    with redis_server(tmp_path) as server:
        place = place_at(server.url)

        async def all_at_once():
            await asyncio.gather(*(place.put({f"{n}-{m}": b"x" for m in range(20)}) for n in range(200)))

        _once(place, all_at_once())
        names = [f"{n}-{m}" for n in range(200) for m in range(20)]
        assert set(get(place, *names)) == set(names)


def test_a_password_is_read_from_a_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("CACHE_PASSWORD", "s3cret")
    monkeypatch.setenv("WRONG", "guess")
    with redis_server(tmp_path, "--requirepass", "s3cret") as server:
        put(place_at(server.url, AnswerCache(password={"env": "CACHE_PASSWORD"})), a="1")
        for cache in (AnswerCache(), AnswerCache(password={"env": "WRONG"})):
            with pytest.raises(StorageRefused) as error:
                get(place_at(server.url, cache), "a")
            assert "cache.password" in error.value.fix
        named = AnswerCache(username="default", password={"env": "CACHE_PASSWORD"})
        assert get(place_at(server.url, named), "a") == {"a": b"1"}


def test_a_server_that_is_full_is_no_refusal(tmp_path):
    with redis_server(tmp_path, "--maxmemory", "2mb", "--maxmemory-policy", "noeviction") as server:
        place = place_at(server.url)
        with pytest.raises(StorageFull) as error:
            for n in range(100):
                put(place, **{f"n{n}": "x" * 100_000})
        assert "maxmemory" in error.value.fix


def test_a_server_that_is_away_may_come_back(tmp_path, monkeypatch):
    monkeypatch.setattr(redis_place, "_LONGEST_WAIT", 0.1)
    with redis_server(tmp_path, "--appendonly", "yes", "--appendfsync", "always") as server:
        place, port = place_at(server.url), int(server.url.split(":")[2].removesuffix("/0"))
        put(place, a="1")
    with pytest.raises(StorageAway):
        get(place, "a")
    with redis_server(tmp_path, "--appendonly", "yes", port=port):
        assert get(place, "a") == {"a": b"1"}


def test_a_restart_of_the_server_is_waited_for(tmp_path):
    """A call that was paid for must not be lost because the server is away for a moment."""
    with redis_server(tmp_path, "--appendonly", "yes") as first:
        place, port = place_at(first.url), int(first.url.split(":")[2].removesuffix("/0"))

        async def over_a_restart():
            await place.put({"a": b"1"})
            first.process.terminate()
            first.process.wait()
            writing = asyncio.create_task(place.put({"b": b"1"}))
            await asyncio.sleep(0.2)
            with redis_server(tmp_path, "--appendonly", "yes", port=port):
                await writing
                return await place.get(["a", "b"])

        assert set(_once(place, over_a_restart()).entries) == {"a", "b"}


def certificate(folder):
    """Writes a key and a certificate for this machine that is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "cache")]), datetime.datetime.now(datetime.UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + _DAY, [])
    signed = made.add_extension(here, critical=False).sign(key, hashes.SHA256())
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *form))
    (folder / "cert.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))


_DAY = datetime.timedelta(days=1)


def test_a_server_with_tls_must_be_one_that_the_machine_trusts(tmp_path, monkeypatch):
    monkeypatch.setattr(redis_place, "_RETRIES", 0)
    certificate(tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    files = ("--tls-cert-file", str(tmp_path / "cert.pem"), "--tls-key-file", str(tmp_path / "key.pem"))
    with redis_server(tmp_path, "--tls-port", str(port), "--tls-auth-clients", "no", *files):
        with pytest.raises(StorageRefused, match="CERTIFICATE_VERIFY_FAILED"):
            get(place_at(f"rediss://127.0.0.1:{port}/0"), "a")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        place = place_at(f"rediss://127.0.0.1:{port}/0")
        put(place, a="1")
        assert get(place, "a") == {"a": b"1"}
