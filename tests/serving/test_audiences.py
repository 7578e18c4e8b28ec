"""Two audiences: what is served to whom, who is let in, what may be kept, and what is said where a file is missing."""

import shutil

import pytest
from babel import Locale
from served import CALLBACK, Client, opening, redrawing, serve

from dashboard import pages, text
from dashboard.access import ByPort
from dashboard.factory import create_app
from dashboard.settings import (
    OWN_PATHS,
    Serving,
    Settings,
    SettingsError,
    from_environment,
    public_view,
    refuse_unsafe,
    serving,
)

V1 = "/api/v1"
SIGN_IN = {"PARITY_USER_HEADER": "X-Forwarded-User", "PARITY_USER_PROXIES": "10.0.0.5, 10.1.0.0/24, fd00::/8"}
KEPT = "public, max-age=0, must-revalidate"


# -- settings -----------------------------------------------------------------------------------------------------


def test_nobody_s_choice_is_public_on_a_server_and_internal_at_a_desk():
    assert from_environment({}).audience == "public"
    assert from_environment({}).public_port is None
    desk = from_environment({}, default_audience="internal")
    assert (desk.audience, desk.host, desk.port, desk.public_port) == ("internal", "127.0.0.1", 8050, 8051)
    assert from_environment({"PARITY_AUDIENCE": "public"}, default_audience="internal").audience == "public"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "0.0.0.0", "::", "192.0.2.7", "parity.example"])
def test_the_public_is_served_anywhere(host):
    refuse_unsafe(from_environment({"PARITY_HOST": host}))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_internal_figures_are_served_on_this_machine_without_more(host):
    settings = from_environment({"PARITY_AUDIENCE": "internal", "PARITY_HOST": host, "PARITY_PORT": "9000"})
    refuse_unsafe(settings)
    assert settings.public_port == 9001


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "127.0.0.1.example", "unix"])
def test_internal_figures_elsewhere_are_refused_and_it_says_how(host):
    settings = from_environment({"PARITY_AUDIENCE": "internal", "PARITY_HOST": host})
    for refused in (refuse_unsafe, create_app):
        with pytest.raises(SettingsError) as raised:
            refused(settings)
        said = str(raised.value)
        assert f"PARITY_HOST is {host!r}" in said
        for word in ("not for public release", "this machine only", "PARITY_AUDIENCE=public",
                     "PARITY_USER_HEADER=X-Forwarded-User", "PARITY_USER_PROXIES=10.0.0.5"):  # fmt: skip
            assert word in said
    # A command that serves nothing needs no address to serve on.
    from_environment({"PARITY_HOST": host}, default_audience="internal")


def test_internal_figures_elsewhere_need_a_sign_in():
    settings = from_environment({"PARITY_AUDIENCE": "internal", "PARITY_HOST": "0.0.0.0", **SIGN_IN})
    refuse_unsafe(settings)
    assert settings.user_header == "X-Forwarded-User"
    assert [str(network) for network in settings.user_proxies] == ["10.0.0.5/32", "10.1.0.0/24", "fd00::/8"]
    # There the public has a server of its own.
    assert settings.public_port is None


INTERNAL = {"PARITY_AUDIENCE": "internal"}
HEADER, PROXIES = "PARITY_USER_HEADER", "PARITY_USER_PROXIES"
REFUSED = {
    "no such audience": ({"PARITY_AUDIENCE": "all"}, "PARITY_AUDIENCE is 'all'; it must be one of: internal, public"),
    "header without proxies": ({HEADER: "X-User"}, "PARITY_USER_HEADER is set and PARITY_USER_PROXIES is not"),
    "proxies without header": ({PROXIES: "10.0.0.5"}, "PARITY_USER_PROXIES is set and PARITY_USER_HEADER is not"),
    "only commas": ({HEADER: "X-User", PROXIES: " , "}, "PARITY_USER_HEADER is set and PARITY_USER_PROXIES is not"),
    "not a header": ({HEADER: "X User", PROXIES: "10.0.0.5"}, "PARITY_USER_HEADER is 'X User'"),
    # gunicorn drops headers with underscores, which would pass for the same name with hyphens.
    "an underscore": ({HEADER: "X_User", PROXIES: "10.0.0.5"}, "PARITY_USER_HEADER is 'X_User'"),
    "everybody's header": ({HEADER: "Cookie", PROXIES: "10.0.0.5"}, "which every visitor sends"),
    "a name": ({HEADER: "X-User", PROXIES: "10.0.0.5,proxy"}, "PARITY_USER_PROXIES has 'proxy'"),
    "half a network": ({HEADER: "X-User", PROXIES: "10.0.0.5/8"}, "PARITY_USER_PROXIES has '10.0.0.5/8'"),
    "everybody": ({HEADER: "X-User", PROXIES: "0.0.0.0/0"}, "which names everybody"),
    "everybody too": ({HEADER: "X-User", PROXIES: "::/0"}, "which names everybody"),
    "everybody in two": ({HEADER: "X-User", PROXIES: "0.0.0.0/1,128.0.0.0/1"}, "which names everybody"),
    "everybody in sixteen": (
        {HEADER: "X-User", PROXIES: ",".join(f"{16 * number}.0.0.0/4" for number in range(16))},
        "which names everybody",
    ),
    "half of everybody": ({HEADER: "X-User", PROXIES: "10.0.0.5,128.0.0.0/1"}, "which names everybody"),
    "all that is global": ({HEADER: "X-User", PROXIES: "2000::/3"}, "which names everybody"),
    "everybody written anew": ({HEADER: "X-User", PROXIES: "::ffff:0:0/96"}, "which names everybody"),
    "memory in words": ({"PARITY_MEMORY_LIMIT": "lots"}, "PARITY_MEMORY_LIMIT is 'lots'; a size such as 500MB"),
    "memory without a unit": ({"PARITY_MEMORY_LIMIT": "500"}, "PARITY_MEMORY_LIMIT is '500'"),
    "a day as some write it": ({"PARITY_NEXT_RELEASE": "03/02/2027"}, "PARITY_NEXT_RELEASE is '03/02/2027'; a day"),
    "no such day": ({"PARITY_NEXT_RELEASE": "2027-02-30"}, "PARITY_NEXT_RELEASE is '2027-02-30'"),
    "an address without scheme": ({"PARITY_URL": "parity.example"}, "PARITY_URL is 'parity.example'; the address"),
    "an address with a query": ({"PARITY_URL": "https://parity.example/?a=b"}, "PARITY_URL is"),
    "a path of our own": ({"PARITY_URL": "https://example.org/data"}, "/data is an address of the product itself"),
    "a folder of our own": ({"PARITY_URL": "https://example.org/api/parity"}, "/api is an address of the product"),
    "readers by name": ({"PARITY_METRICS_READERS": "prometheus"}, "PARITY_METRICS_READERS has 'prometheus'"),
    "no such port": ({"PARITY_PORT": "65536"}, "PARITY_PORT is 65536; ports end at 65535"),
    "no number": ({**INTERNAL, "PARITY_PUBLIC_PORT": "no"}, "PARITY_PUBLIC_PORT is 'no'; a number"),
    "one port for two": (
        {**INTERNAL, "PARITY_PUBLIC_PORT": "8050"},
        "PARITY_PUBLIC_PORT is 8050, which is PARITY_PORT",
    ),
    "a second view elsewhere": (
        {**INTERNAL, **SIGN_IN, "PARITY_PUBLIC_PORT": "8051"},
        "PARITY_PUBLIC_PORT is for the internal audience on one's own machine",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_meant_is_refused_in_words(kind):
    environment, said = REFUSED[kind]
    with pytest.raises(SettingsError, match=r"^PARITY_") as raised:
        from_environment(environment)
    assert said in str(raised.value)


SERVING = {
    "no workers": ({"PARITY_WORKERS": "0"}, "PARITY_WORKERS is '0'; it must be above 0"),
    "workers in words": ({"PARITY_WORKERS": "two"}, "PARITY_WORKERS is 'two'; a number such as 2"),
    "half a thread": ({"PARITY_THREADS": "1.5"}, "PARITY_THREADS is '1.5'; a number such as 4"),
    "a timeout with a unit": ({"PARITY_TIMEOUT": "30s"}, "PARITY_TIMEOUT is '30s'; a number such as 30"),
    "a level nobody has": ({"PARITY_LOG_LEVEL": "loud"}, "PARITY_LOG_LEVEL is 'loud'; it must be one of: debug"),
    "half a log": ({"PARITY_ACCESS_LOG": "yes"}, "PARITY_ACCESS_LOG is 'yes'; it must be 1 or 0"),
    "a proxy by name": ({"PARITY_PROXIES": "proxy"}, "PARITY_PROXIES has 'proxy'; addresses or networks"),
}


@pytest.mark.parametrize("kind", SERVING)
def test_what_gunicorn_could_not_work_with_is_refused_in_words(kind):
    environment, said = SERVING[kind]
    with pytest.raises(SettingsError) as raised:
        serving(environment)
    assert said in str(raised.value)


def test_what_goes_without_saying_and_what_may_be_said():
    assert serving({}) == Serving(2, 4, 30, True, "info", "127.0.0.1")
    said = {"PARITY_WORKERS": "8", "PARITY_THREADS": "2", "PARITY_TIMEOUT": "60", "PARITY_ACCESS_LOG": "0",
            "PARITY_LOG_LEVEL": "WARNING", "PARITY_PROXIES": "10.0.0.5, 10.1.0.0/24"}  # fmt: skip
    assert serving(said) == Serving(8, 2, 60, False, "warning", "10.0.0.5, 10.1.0.0/24")
    for given in ("500MB", "1.5GB", "2GiB", "1 TB", "800mb"):
        assert from_environment({"PARITY_MEMORY_LIMIT": given}).memory_limit == given
    settings = from_environment({"PARITY_NEXT_RELEASE": "2027-02-15", "PARITY_URL": "https://example.org/a/parity/"})
    assert (settings.next_release, settings.root) == ("2027-02-15", "/a/parity")
    assert from_environment({}).root == from_environment({"PARITY_URL": "https://example.org"}).root == ""


def test_the_paths_that_a_site_cannot_have_are_those_of_the_product(small_dir):
    server = create_app(Settings(data_dir=small_dir)).server
    rules = {rule.rule.split("/")[1] for rule in server.url_map.iter_rules()}
    own = {name for name in rules if name and "<" not in name} | {page.path.split("/")[1] for page in pages.ALL} - {""}
    assert own <= set(OWN_PATHS)


@pytest.mark.parametrize(
    ("environment", "port"),
    [({}, 8051), ({"PARITY_PUBLIC_PORT": "9000"}, 9000), ({"PARITY_PUBLIC_PORT": "off"}, None),
     ({"PARITY_PORT": "65535"}, None), ({**SIGN_IN}, None), ({**SIGN_IN, "PARITY_PUBLIC_PORT": "off"}, None),
     ({"PARITY_AUDIENCE": "public", "PARITY_PUBLIC_PORT": "9000"}, None)],
)  # fmt: skip
def test_where_the_public_view_of_a_desk_is(environment, port):
    assert from_environment({**INTERNAL, **environment}).public_port == port


def test_the_public_view_of_a_desk_has_settings_of_its_own():
    desk = from_environment({**INTERNAL, "PARITY_URL": "https://parity.example", "PARITY_MEMORY_LIMIT": "2GB"})
    view = public_view(desk)
    assert (view.audience, view.port, view.public_port, view.internal_port) == ("public", 8051, None, 8050)
    assert (view.data_dir, view.memory_limit, view.canonical_url) == (desk.data_dir, "2GB", "")


# -- who is let in ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def behind_a_proxy(small_dir):
    environment = {"PARITY_AUDIENCE": "internal", "PARITY_HOST": "0.0.0.0", "PARITY_URL": "https://parity.example"}
    settings = from_environment({**environment, **SIGN_IN, "PARITY_DATA_DIR": str(small_dir)})
    server = create_app(settings).server
    server.test_client_class = Client
    return server.test_client()


SIGNED_IN = {"X-Forwarded-User": "somebody"}
VISITS = {
    "signed in": ("10.0.0.5", SIGNED_IN, 200),
    "another proxy": ("10.1.0.77", SIGNED_IN, 200),
    "by IPv6": ("fd00::1", SIGNED_IN, 200),
    "IPv4 by an IPv6 socket": ("::ffff:10.0.0.5", SIGNED_IN, 200),
    "not signed in": ("10.0.0.5", {}, 403),
    "nobody": ("10.0.0.5", {"X-Forwarded-User": "  "}, 403),
    "another header": ("10.0.0.5", {"X-User": "somebody"}, 403),
    "not through a proxy": ("10.0.0.6", SIGNED_IN, 403),
    "from this machine": ("127.0.0.1", SIGNED_IN, 403),
    "says it was a proxy": ("10.2.0.1", {**SIGNED_IN, "X-Forwarded-For": "10.0.0.5", "X-Real-IP": "10.0.0.5",
                                         "Forwarded": "for=10.0.0.5"}, 403),
    "no address": ("", SIGNED_IN, 403),
    "no such address": ("proxy", SIGNED_IN, 403),
}  # fmt: skip


@pytest.mark.parametrize("kind", VISITS)
def test_a_user_is_believed_from_named_proxies_only(behind_a_proxy, kind):
    address, headers, status = VISITS[kind]
    visit = {"headers": {**headers, "Host": "parity.example"}, "environ_overrides": {"REMOTE_ADDR": address}}
    for path in ("/", "/methods", f"{V1}/", f"{V1}/by_grade.csv", f"{V1}/facets.json?facet=grade", "/readyz",
                 "/assets/filters.js", "/_dash-layout"):  # fmt: skip
        response = behind_a_proxy.get(path, **visit)
        assert response.status_code == status, path
        if status == 403:
            machine = path.startswith(("/api/", "/readyz", "/metrics", "/_dash"))
            assert response.mimetype == ("application/problem+json" if machine else "text/html")
            assert "shows internal figures" in response.text
            assert response.headers["Cache-Control"] == "private, no-store"
            assert "2026Q3" not in response.text
    assert behind_a_proxy.post(CALLBACK, json=opening(), **visit).status_code == status
    # Whether the process lives is nobody's secret, and what asks is no proxy.
    assert behind_a_proxy.get("/healthz", **visit).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"), [("parity.example", 200), ("localhost", 200), ("evil.example", 421), ("10.0.0.5", 421)]
)
def test_behind_a_proxy_the_site_has_its_name_too(behind_a_proxy, host, status):
    visit = {"headers": {**SIGNED_IN, "Host": host}, "environ_overrides": {"REMOTE_ADDR": "10.0.0.5"}}
    assert behind_a_proxy.get(f"{V1}/headline.json", **visit).status_code == status


@pytest.mark.parametrize(("address", "status"), [("127.0.0.1", 200), ("127.8.9.10", 200), ("::1", 200),
                                                 ("::ffff:127.0.0.1", 200), ("10.0.0.5", 403), ("", 403)])  # fmt: skip
def test_without_a_sign_in_only_this_machine_is_answered(client, address, status):
    """Whatever server runs the application, and wherever it was told to listen."""
    assert client.get(f"{V1}/headline.json", environ_overrides={"REMOTE_ADDR": address}).status_code == status


def test_the_public_is_answered_from_anywhere_by_any_name(small_dir):
    client = serve(small_dir, audience="public", host="0.0.0.0")
    for path in ("/", f"{V1}/headline.json", "/readyz"):
        visit = {"headers": {"Host": "any.example"}, "environ_overrides": {"REMOTE_ADDR": "203.0.113.9"}}
        assert client.get(path, **visit).status_code == 200


# -- two views in one process -------------------------------------------------------------------------------------


class Socket:
    def __init__(self, own):
        self._own = own

    def getsockname(self):
        if self._own is None:
            raise OSError
        return self._own


SENT = {"SERVER_PORT": "8050", "HTTP_HOST": "127.0.0.1:8050", "HTTP_X_FORWARDED_PORT": "8050", "SERVER_NAME": "x"}


@pytest.mark.parametrize(
    ("connection", "view"),
    [(Socket(("127.0.0.1", 8050)), "internal"), (Socket(("::1", 8050, 0, 0)), "internal"),
     (Socket(("127.0.0.1", 8051)), "public"), (Socket("/run/8050"), "public"), (Socket(""), "public"),
     (Socket(None), "public"), (None, "public")],
)  # fmt: skip
def test_the_view_is_chosen_by_the_socket_alone(connection, view):
    both = ByPort(lambda *_: ["internal"], lambda *_: ["public"], 8050)
    environ = dict(SENT) if connection is None else {**SENT, "gunicorn.socket": connection}
    assert both(environ, None) == [view]


def test_each_view_leads_to_the_same_page_of_the_other(small_dir):
    desk = Settings(data_dir=small_dir, public_port=8051)
    query = "entity=UNDP&grade=P-3"
    for settings, words, port in (
        (desk, "See what the public sees", 8051),
        (public_view(desk), "Back to the internal view", 8050),
    ):
        client = create_app(settings).server.test_client()
        for host in ("127.0.0.1", "localhost", "[::1]"):
            headers = {"Host": f"{host}:1234"}
            page = client.get(f"/?{query}", headers=headers).text
            assert f'<a href="http://{host}:{port}/?{query.replace("&", "&amp;")}" data-follow>{words}</a>' in page
            assert (
                f'<a href="http://{host}:{port}/methods" data-follow>{words}</a>'
                in client.get("/methods", headers=headers).text
            )
        assert client.get("/", headers={"Host": "evil.example"}).status_code == 421


def test_a_server_of_one_view_leads_to_no_other(small_dir):
    internal, public = serve(small_dir).get("/").text, serve(small_dir, audience="public").get("/").text
    assert "<strong>Internal:</strong> not for public release." in internal
    assert "<strong>Public</strong>" in public
    for page in (internal, public):
        assert "See what the public sees" not in page
        assert "Back to the internal view" not in page
    assert 'content="noindex"' in internal
    assert 'content="noindex"' not in public


# -- what may be kept ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def public(small_dir):
    return serve(small_dir, audience="public")


TAGGED = ["/", "/?entity=UNDP", "/methods", f"{V1}/", f"{V1}/openapi.json", f"{V1}/by_grade.json", f"{V1}/by_grade.csv",
          f"{V1}/headline.xlsx", f"{V1}/facets.json?facet=grade", "/_dash-layout", "/_dash-dependencies"]  # fmt: skip
MOMENTARY = {
    "health": ("GET", "/healthz", {}),
    "readiness": ("GET", "/readyz", {}),
    "metrics": ("GET", "/metrics", {}),
    "opening": ("POST", CALLBACK, {"json": opening()}),
    "redrawing": ("POST", CALLBACK, {"json": redrawing("?entity=UNDP")}),
    "malformed": ("GET", f"{V1}/by_grade.json?planet=mars", {}),
    "no such page": ("GET", "/nowhere", {}),
    "redirect": ("GET", "/api/v1", {}),
    "not allowed": ("POST", "/", {}),
}


@pytest.mark.parametrize("path", TAGGED)
@pytest.mark.parametrize("encoding", ["identity", "br"])
def test_public_answers_are_kept_and_asked_for_by_their_tag(public, path, encoding):
    told = {"Accept-Encoding": encoding}
    first = public.get(path, headers=told)
    assert first.status_code == 200
    mine = first.headers["ETag"]
    assert mine.startswith('W/"')
    assert first.headers["Cache-Control"] == KEPT
    again = public.get(path, headers={**told, "If-None-Match": mine})
    assert (again.status_code, again.data) == (304, b"")
    assert (again.headers["ETag"], again.headers["Cache-Control"]) == (mine, KEPT)
    assert public.head(path, headers={**told, "If-None-Match": mine}).status_code == 304
    assert public.get(path, headers={**told, "If-None-Match": 'W/"other"'}).status_code == 200
    assert "Set-Cookie" not in first.headers
    assert "Set-Cookie" not in again.headers


@pytest.mark.parametrize("path", TAGGED)
def test_internal_answers_are_kept_by_nobody(client, path):
    response = client.get(path)
    assert response.headers["Cache-Control"] == "private, no-store"
    assert not {"Access-Control-Allow-Origin", "Set-Cookie"} & set(response.headers.keys())


@pytest.mark.parametrize("kind", MOMENTARY)
def test_what_holds_for_the_moment_is_kept_by_nobody(public, kind):
    method, path, options = MOMENTARY[kind]
    response = public.open(path, method=method, **options)
    assert response.headers["Cache-Control"] == "no-store"
    assert not {"ETag", "Set-Cookie"} & set(response.headers.keys())


def test_pages_have_tags_that_tell_apart_all_that_differs(small_dir, public, client):
    views = ["/", "/?entity=UNDP", "/?entity=WFP", "/?entity=UNDP&grade=P-3", "/?quarter=2025Q4", "/methods"]
    tags = [public.get(path).headers["ETag"] for path in views]
    assert len(set(tags)) == len(views)
    # The same page with another date in its footer is another page, though the release is the same.
    later = serve(small_dir, audience="public", next_release="2027-02-15")
    assert later.get("/", headers={"If-None-Match": tags[0]}).status_code == 200
    # A tag of one audience is none of the other's.
    for path in (f"{V1}/by_grade.json", f"{V1}/facets.json?facet=grade"):
        mine = client.get(path).headers["ETag"]
        assert public.get(path, headers={"If-None-Match": mine}).status_code == 200


def test_a_release_put_in_service_is_seen_past_every_cache(two):
    client = serve(two.data_dir, audience="public")
    kept = {path: client.get(path).headers["ETag"] for path in ("/", f"{V1}/by_grade.json", f"{V1}/")}
    two.put(two.new)
    for path, mine in kept.items():
        assert client.get(path, headers={"If-None-Match": mine}).status_code == 200, path
    two.put(two.old)
    for path, mine in kept.items():
        assert client.get(path, headers={"If-None-Match": mine}).status_code == 304, path


def test_an_answer_in_another_language_has_another_tag(public, monkeypatch):
    path = f"{V1}/by_grade.json"
    english = public.get(path).headers["ETag"]
    monkeypatch.setattr(text, "locale", lambda: Locale("fr"))
    assert public.get(path).headers["ETag"] != english


def test_scripts_of_any_site_may_read_the_public_api_and_nothing_else(small_dir, public):
    for path in (f"{V1}/", f"{V1}/by_grade.json", f"{V1}/by_grade.json?planet=mars", f"{V1}/nonsense.json"):
        headers = public.get(path).headers
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "Access-Control-Allow-Credentials" not in headers
        assert "ETag" in headers["Access-Control-Expose-Headers"]
    # Who asks with a tag is asked about it beforehand by the browser.
    before = public.options(f"{V1}/by_grade.json", headers={"Access-Control-Request-Method": "GET"}).headers
    assert before["Access-Control-Allow-Origin"] == "*"
    assert before["Access-Control-Allow-Headers"] == "If-None-Match"
    assert set(before["Access-Control-Allow-Methods"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    desk = create_app(public_view(Settings(data_dir=small_dir, public_port=8051))).server.test_client()
    for client, path in ((public, "/"), (public, "/metrics"), (public, "/_dash-layout"), (desk, f"{V1}/by_grade.json")):
        headers = client.get(path).headers
        assert "Access-Control-Allow-Origin" not in headers
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


# -- what is said of the audience ---------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", ["internal", "public"])
def test_every_answer_names_its_audience(small_dir, audience):
    client = serve(small_dir, audience=audience)
    assert client.get(f"{V1}/").json["audience"] == audience
    assert f"Audience: {audience}." in client.get(f"{V1}/openapi.json").json["info"]["description"]
    assert client.get(f"{V1}/by_grade.json").json["audience"] == audience
    assert f"-{audience}-" in client.get(f"{V1}/by_grade.csv").headers["Content-Disposition"]
    assert client.get("/readyz").json["audience"] == audience
    drawn = client.post(CALLBACK, json=opening()).json["response"]["opened"]["data"]["panels"]
    assert f"-{audience}&#34;" in drawn["by_grade"]["below"] or f'-{audience}"' in drawn["by_grade"]["below"]


# -- a release without a public file ------------------------------------------------------------------------------


@pytest.fixture
def internal_only(small_dir, tmp_path):
    data_dir = tmp_path / "data"
    shutil.copytree(small_dir, data_dir)
    for file in data_dir.glob("releases/*/public.duckdb"):
        file.unlink()
    return data_dir


def test_a_server_without_a_file_for_its_audience_says_so(internal_only):
    client = serve(internal_only, audience="public")
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json["ready"], ready.json["audience"]) == (503, False, "public")
    for said in (ready.json["problem"], client.get("/").text, client.get(f"{V1}/by_grade.json").json["detail"]):
        assert "public.duckdb is missing" in said
        assert "A release made anew has one" in said
    assert client.get("/").status_code == 503
    # The internal server has what it needs.
    assert serve(internal_only).get("/readyz").json["problem"] is None


def test_the_last_good_release_stays_where_the_next_has_no_file(two):
    client = serve(two.data_dir, audience="public")
    before = client.get(f"{V1}/by_grade.json").json
    (two.folder(two.new) / "public.duckdb").unlink()
    two.put(two.new)
    assert client.get(f"{V1}/by_grade.json").json["rows"] == before["rows"]
    ready = client.get("/readyz").json
    assert (ready["ready"], ready["release"]) == (True, two.old)
    assert f"Release {two.new} holds no figures" in ready["problem"]
    assert client.get(f"{V1}/").json["releases"] == [two.old]
    assert client.get(f"{V1}/by_grade.json?release={two.new}").status_code == 404


def test_the_public_needs_nothing_of_the_internal_file(small_dir, tmp_path):
    data_dir = tmp_path / "data"
    shutil.copytree(small_dir, data_dir)
    for file in data_dir.glob("releases/*/internal.duckdb"):
        file.unlink()
    client = serve(data_dir, audience="public")
    for path in TAGGED:
        assert client.get(path).status_code == 200
    assert client.post(CALLBACK, json=opening()).status_code == 200
