"""What must be true of the repository itself, so that a clone works anywhere and keeps doing so."""

import json
import re
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from plotly.offline import get_plotlyjs_version

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.txt", "requirements-dev.txt")
PLOTLY = ("plotly-base.min.js", "plotly-maps.min.js")
LARGEST = 2 * 1024 * 1024
# Files that may be larger, each with its reason.
LARGE: dict[str, str] = {}


def in_the_repository() -> list[str]:
    """Every file that a commit of everything would hold."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return sorted(name for name in listing.split("\0") if name and (ROOT / name).is_file())


def text_of(name: str) -> str:
    """The text of a file; nothing for what is not text."""
    content = (ROOT / name).read_bytes()
    return "" if b"\0" in content[:8000] else content.decode("utf-8", errors="replace")


def pyproject() -> dict:
    return tomllib.loads(text_of("pyproject.toml"))


def locked(lock: str) -> dict[str, list[tuple[Requirement, int]]]:
    """The requirements of a lock file by name, each with its number of hashes."""
    found: dict[str, list[tuple[Requirement, int]]] = {}
    for entry in text_of(lock).replace("\\\n", " ").splitlines():
        requirement, *hashes = re.split(r"\s--hash=", entry)
        parsed = Requirement(requirement.strip())
        found.setdefault(canonicalize_name(parsed.name), []).append((parsed, len(hashes)))
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_names_versions_and_hashes_and_nothing_else(lock):
    line = re.compile(
        r"""[a-z0-9-]+==[0-9][0-9a-z.+]*(\ ;\ [\w\ '.<>=!()]+)?\ \\   # name==version ; marker
        |\ \ \ \ --hash=sha256:[0-9a-f]{64}(\ \\)?""",
        re.VERBOSE,
    )
    strange = [text for text in text_of(lock).splitlines() if not line.fullmatch(text)]
    assert not strange
    unhashed = [name for name, entries in locked(lock).items() for _, hashes in entries if not hashes]
    assert not unhashed
    assert len(locked(lock)) > 20


def test_what_is_tested_is_what_is_served():
    serving, developing = locked("requirements.txt"), locked("requirements-dev.txt")
    for name, entries in serving.items():
        assert [str(r.specifier) for r, _ in entries] == [str(r.specifier) for r, _ in developing[name]]


def test_the_locks_satisfy_what_the_project_asks_for():
    project = pyproject()["project"]
    for lock, wanted in (
        ("requirements.txt", project["dependencies"]),
        ("requirements-dev.txt", project["dependencies"] + project["optional-dependencies"]["dev"]),
    ):
        have = locked(lock)
        for requirement in map(Requirement, wanted):
            versions = [Version(next(iter(r.specifier)).version) for r, _ in have[requirement.name]]
            assert versions, f"{requirement} is not in {lock}: make lock"
            assert all(v in requirement.specifier for v in versions), f"{requirement}, {lock}: make lock"


def test_what_is_installed_is_what_is_locked():
    wrong = []
    for name, entries in locked("requirements-dev.txt").items():
        wanted = [r for r, _ in entries if r.marker is None or r.marker.evaluate()]
        for requirement in wanted:
            if metadata.version(name) not in requirement.specifier:
                wrong.append(f"{requirement}, but {metadata.version(name)} is installed")
    assert not wrong


def test_every_dependency_that_is_imported_is_asked_for():
    project = pyproject()["project"]
    asked = {canonicalize_name(Requirement(r).name) for r in project["dependencies"]}
    owners = metadata.packages_distributions()
    missing = set()
    for path in [*ROOT.glob("dashboard/**/*.py"), ROOT / "app.py", ROOT / "gunicorn.conf.py"]:
        if not path.exists():
            continue
        for name in re.findall(r"^\s*(?:from|import) (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE):
            distributions = {canonicalize_name(owner) for owner in owners.get(name, ())}
            if name not in ("app", "dashboard") and distributions and not distributions & asked:
                missing.add(f"{path.relative_to(ROOT)}: {name}")
    # Flask stands on these two and cannot be had without them.
    assert not {entry for entry in missing if not entry.endswith((": werkzeug", ": markupsafe"))}


def test_nothing_refers_to_a_place_outside_the_repository():
    # Put together here, so that this file does not hold what it looks for.
    outside = re.compile("|".join((r"\.\./" + "shared", "/work/" + "(main|shared)", r"/ho" + r"me/(?!parity\b)\w+/")))
    found = {name: match[0] for name in in_the_repository() if (match := outside.search(text_of(name)))}
    assert not found


def test_no_lock_of_node_packages_holds_addresses():
    lock = text_of("tools/plotly/package-lock.json")
    assert "://" not in lock
    packages = {name: about for name, about in json.loads(lock)["packages"].items() if name}
    assert packages
    assert all(about.get("integrity") for about in packages.values())


def test_no_file_is_too_large_to_review():
    sizes = {name: (ROOT / name).stat().st_size for name in in_the_repository()}
    assert not {name: size for name, size in sizes.items() if size > LARGEST and name not in LARGE}
    assert all(name in sizes for name in LARGE), "an exception that is no longer needed"


@pytest.mark.parametrize("name", ["tools/setup.sh", ".ci/run", "Makefile", "data/reference/countries.csv", "app.py"])
def test_a_clone_has_the_line_ends_of_the_repository(tmp_path, name):
    """With Git for Windows, or whoever has set core.autocrlf: "bash\\r: No such file" otherwise."""
    checkout = ["git", "-c", "core.autocrlf=true", "checkout-index", f"--prefix={tmp_path}/", "--", name]
    subprocess.run(checkout, cwd=ROOT, check=True, capture_output=True)
    assert b"\r" not in (tmp_path / name).read_bytes()


def test_no_figures_about_people_are_in_the_repository():
    refused = [name for name in in_the_repository() if name.startswith("var/") or name.endswith((".duckdb", ".env"))]
    assert not refused


def test_the_makefile_has_the_words_that_people_and_ci_use():
    words = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
    assert {"run", "test", "quick", "check", "fix", "setup", "lock", "demo", "bench", "screenshots"} <= words
    # What the tests need and pip does not bring is installed, or it is said how.
    assert words.issuperset({"test", "prove"}) and text_of("Makefile").count("tools/nginx.sh") == 2
    ci = [line for line in text_of(".ci/run").splitlines() if line.startswith("make ")]
    assert ci == ["make test", "make check"]


@pytest.mark.parametrize("name", PLOTLY)
def test_the_browser_has_the_plotly_that_figures_are_checked_against(name):
    banner = text_of(f"assets/plotly/{name}")[:200]
    assert re.match(r"/\* plotly\.js v([0-9.]+) ", banner)[1] == get_plotlyjs_version()
    wanted = json.loads(text_of("tools/plotly/package.json"))["devDependencies"]["plotly.js"]
    assert wanted == get_plotlyjs_version(), "make plotly"


def test_the_two_plotly_files_are_of_one_build():
    builds = {re.search(r"; build ([0-9a-f]{12})\n", text_of(f"assets/plotly/{name}"))[1] for name in PLOTLY}
    assert len(builds) == 1


@pytest.mark.parametrize("name", PLOTLY)
def test_plotly_needs_no_unsafe_policy_and_knows_no_other_host(name):
    code = text_of(f"assets/plotly/{name}")
    assert not re.search(r"\bnew Function\b|\beval\(", code)
    assert not re.search(r"cloud\.plotly|cdn\.plot\.ly", code)


def test_the_licence_is_the_whole_apache_licence():
    licence = text_of("LICENSE")
    assert "Apache License" in licence
    assert "9. Accepting Warranty or Additional Liability" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
    assert pyproject()["project"]["license"] == "Apache-2.0"
    assert "Plotly Technologies Inc" in text_of("assets/plotly/LICENSES.txt")


def test_the_container_runs_what_the_project_supports():
    dockerfile = text_of("Dockerfile")
    image = Version(re.search(r"^FROM python:([0-9.]+)-slim$", dockerfile, re.MULTILINE)[1])
    assert image in Requirement("python" + pyproject()["project"]["requires-python"]).specifier
    assert f"py{image.major}{image.minor}" == pyproject()["tool"]["ruff"]["target-version"]
    assert "--require-hashes -r requirements.txt" in dockerfile
    user = re.search(r"^USER (\w+)$", dockerfile, re.MULTILINE)[1]
    assert user not in ("root", "0")
    assert "/healthz" in dockerfile
    # Data are mounted: nothing that is copied may bring any along.
    ignored = text_of(".dockerignore").splitlines()
    assert ignored[1] == "*"
    assert not any("var" in line for line in ignored)


def test_the_server_does_not_fork_an_open_database_or_log_visitors():
    settings: dict = {}
    exec(compile(text_of("gunicorn.conf.py"), "gunicorn.conf.py", "exec"), settings)
    assert settings["preload_app"] is False
    assert settings["wsgi_app"] == "app:server"
    atoms = set(re.findall(r"%\(([^)]+)\)s", settings["access_log_format"]))
    # h address, r and q query, a browser, f where from, u who
    assert not atoms & {"h", "l", "u", "r", "q", "a", "f"}
    assert atoms == {"t", "m", "U", "s", "B", "D", "{x-request-id}o"}


def test_test_modules_have_names_of_their_own():
    """Two of one name cannot be collected in one process, which the spread over processes mostly hides."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
