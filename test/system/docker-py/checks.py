"""What programs do with docker-py. Each function is a test; what it says is told as a line of JSON."""
import io
import json
import sys
import tarfile
import threading
import time
import traceback

import docker
from docker.errors import APIError, ContainerError, ImageNotFound, NotFound

client = docker.DockerClient(base_url=f"unix://{sys.argv[1]}", version="auto", timeout=30)
low = client.api


def sleeper(**options):
    return client.containers.run("busybox", "sleep 1000", detach=True, **options)


def archive_of(name, data):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def is_asked_who_it_is():
    assert client.ping() is True
    assert low.api_version >= "1.41", low.api_version
    assert client.version()["Os"] == "linux"
    info = client.info()
    assert info["OSType"] == "linux" and info["Swarm"]["LocalNodeState"] == "inactive"
    assert set(client.df()) >= {"LayersSize", "Images", "Containers", "Volumes"}


def runs_to_the_end():
    said = client.containers.run("busybox", ["sh", "-c", "echo out; echo err >&2"], remove=True, stderr=True)
    assert sorted(said.split()) == [b"err", b"out"], said
    try:
        client.containers.run("busybox", "sh -c 'exit 3'", remove=True)
        raise AssertionError("no error")
    except ContainerError as error:
        assert error.exit_status == 3
    try:
        client.containers.run("127.0.0.1:1/none:1")
        raise AssertionError("no error")
    except (ImageNotFound, APIError):
        pass


def has_many_settings():
    box = sleeper(
        name="settings",
        environment={"A": "b"},
        labels={"k": "v"},
        mem_limit="64m",
        nano_cpus=500_000_000,
        ports={"80/tcp": 18099, "53/udp": None},
        tmpfs={"/t": "size=1m"},
        volumes={"settings-data": {"bind": "/data", "mode": "rw"}},
        ulimits=[docker.types.Ulimit(name="nofile", soft=100, hard=200)],
        restart_policy={"Name": "on-failure", "MaximumRetryCount": 2},
        healthcheck={"test": ["CMD", "true"], "interval": 1_000_000_000},
        extra_hosts={"other": "192.0.2.1"},
        cap_add=["NET_ADMIN"],
        init=True,
    )
    try:
        box.reload()
        host = box.attrs["HostConfig"]
        assert host["Memory"] == 64 << 20 and host["NanoCpus"] == 500_000_000
        assert box.ports["80/tcp"][0]["HostPort"] == "18099"
        assert box.exec_run("sh -c 'echo $A; ulimit -n; grep other /etc/hosts'").output.split()[:2] == [b"b", b"100"]
        box.update(mem_limit="32m", memswap_limit="64m")
        box.rename("settings2")
        assert client.containers.get("settings2").attrs["HostConfig"]["Memory"] == 32 << 20
    finally:
        box.remove(force=True)
        client.volumes.get("settings-data").remove()


def execs():
    box = sleeper()
    try:
        code, (out, err) = box.exec_run(["sh", "-c", "echo out; echo err >&2; exit 4"], demux=True)
        assert (code, out, err) == (4, b"out\n", b"err\n"), (code, out, err)
        said = list(box.exec_run("seq 3", stream=True).output)
        assert b"".join(said) == b"1\n2\n3\n", said
        assert box.exec_run("pwd", workdir="/tmp", tty=True).output == b"/tmp\r\n"
        _, sock = box.exec_run("cat", stdin=True, socket=True)
        raw = sock._sock
        raw.sendall(b"hello\n")
        raw.settimeout(10)
        frame = raw.recv(100)
        while len(frame) < 14:
            frame += raw.recv(100)
        assert frame == b"\x01\0\0\0\0\0\0\x06hello\n", frame
        sock.close()
    finally:
        box.remove(force=True)


def follows_logs_and_attaches():
    box = client.containers.run("busybox", ["sh", "-c", "for i in 1 2 3; do echo $i; sleep 0.2; done"], detach=True)
    try:
        assert b"".join(box.logs(stream=True, follow=True)) == b"1\n2\n3\n"
        assert box.logs(tail=1) == b"3\n"
        assert b"Z 3" in box.logs(timestamps=True, tail=1)
        assert box.wait()["StatusCode"] == 0
    finally:
        box.remove()
    box = client.containers.create("busybox", "cat", stdin_open=True)
    try:
        sock = box.attach_socket(params={"stdin": 1, "stdout": 1, "stream": 1})
        box.start()
        sock._sock.sendall(b"typed\n")
        sock._sock.settimeout(10)
        assert sock._sock.recv(100)[8:] == b"typed\n"
        sock.close()
        box.stop(timeout=1)
    finally:
        box.remove(force=True)


def copies_files():
    box = sleeper()
    try:
        assert box.put_archive("/tmp", archive_of("file", b"content")) is True
        chunks, stat = box.get_archive("/tmp/file")
        assert stat["name"] == "file" and stat["size"] == 7, stat
        with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
            assert tar.extractfile("file").read() == b"content"
        chunks, stat = box.get_archive("/etc/hostname")
        with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
            assert tar.extractfile("hostname").read().decode().strip() == box.id[:12]
        assert stat["mode"] == 0o644 and stat["size"] == 13, stat
        assert {"Path": "/tmp/file", "Kind": 1} in box.diff()
        assert len(b"".join(box.export())) > 100_000
        try:
            box.get_archive("/nowhere")
            raise AssertionError("no error")
        except NotFound:
            pass
    finally:
        box.remove(force=True)


def is_watched():
    events = client.events(decode=True, filters={"type": "container", "label": "watched"})
    seen = []
    reader = threading.Thread(target=lambda: [seen.append(event["Action"]) for event in events], daemon=True)
    reader.start()
    time.sleep(0.3)
    box = sleeper(labels=["watched"])
    assert box.stats(stream=False)["memory_stats"]["usage"] > 0
    assert next(box.stats(decode=True))["id"] == box.id
    assert box.top()["Processes"]
    box.pause()
    box.unpause()
    box.restart(timeout=0)
    box.kill()
    box.remove()
    deadline = time.time() + 10
    while "destroy" not in seen and time.time() < deadline:
        time.sleep(0.05)
    events.close()
    assert seen[:2] == ["create", "start"] and seen[-1] == "destroy" and "pause" in seen, seen


def connects_networks():
    pool = docker.types.IPAMPool(subnet="10.77.0.0/24", gateway="10.77.0.1")
    net = client.networks.create("py-net", driver="bridge", ipam=docker.types.IPAMConfig(pool_configs=[pool]), labels={"a": "b"})
    box = sleeper(name="py-one")
    try:
        net.connect(box, aliases=["uno"], ipv4_address="10.77.0.77")
        net.reload()
        assert [each.name for each in net.containers] == ["py-one"]
        said = client.containers.run("busybox", "ping -c1 -W2 uno", network="py-net", remove=True)
        assert b"10.77.0.77" in said, said
        assert [each.name for each in client.networks.list(filters={"label": "a=b"})] == ["py-net"]
        net.disconnect(box)
        net.reload()
        assert net.containers == []
    finally:
        box.remove(force=True)
        net.remove()
    assert client.networks.prune() is not None


def keeps_volumes():
    volume = client.volumes.create("py-data", labels={"a": "b"})
    assert client.volumes.get("py-data").attrs["Driver"] == "local"
    client.containers.run("busybox", "sh -c 'echo kept >/d/f'", volumes=["py-data:/d"], remove=True)
    assert client.containers.run("busybox", "cat /d/f", volumes=["py-data:/d:ro"], remove=True) == b"kept\n"
    assert volume in client.volumes.list(filters={"label": "a"})
    volume.remove()
    try:
        client.volumes.get("py-data")
        raise AssertionError("no error")
    except NotFound:
        pass


def handles_images():
    image = client.images.get("busybox")
    assert image.tag("py/app", "v1") is True
    image.reload()
    saved = b"".join(image.save(named="py/app:v1"))
    client.images.remove("py/app:v1")
    (loaded,) = client.images.load(saved)
    assert loaded.id == image.id and "py/app:v1" in loaded.tags, loaded.tags
    client.images.remove("py/app:v1")
    box = client.containers.run("busybox", "touch /made", detach=True)
    box.wait()
    made = box.commit("py/made", "1", changes="CMD ls /made")
    assert client.containers.run("py/made:1", remove=True) == b"/made\n"
    assert made.history()[0]["CreatedBy"]
    box.remove()
    client.images.remove("py/made:1")
    assert [each.tags for each in client.images.list(name="busybox")] == [["busybox:latest"]]


def is_told_what_is_not_there():
    for attempt, status in (
        (lambda: client.swarm.leave(), 503),
        (lambda: client.services.list(), 503),
        (lambda: client.images.build(fileobj=io.BytesIO(b"FROM busybox")), 501),
        (lambda: client.containers.get("nobody"), 404),
        (lambda: client.networks.create("bridge"), 403),
    ):
        try:
            attempt()
            raise AssertionError("no error")
        except APIError as error:
            assert error.response.status_code == status and error.explanation, (status, error)
    assert client.plugins.list() == []


checks = [value for name, value in list(globals().items()) if callable(value) and getattr(value, "__module__", "") == "__main__"]
for check in checks:
    if check.__name__ in ("sleeper", "archive_of"):
        continue
    try:
        check()
        why = ""
    except BaseException:
        why = traceback.format_exc()
    print(json.dumps({"name": check.__name__, "why": why}), flush=True)
