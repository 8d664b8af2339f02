"""waypost-config import: another program's relay settings, as a file of ours that passes the check, without a secret."""

import subprocess

from sandbox import ORDINARY_UID
from testing import PATIENCE
from waypost import BUILD, Waypost

SECRET = "canary-import-55"
MSMTP = f'account default\nhost smtp.isp.example\nport 587\ntls on\nauth on\nuser me\npassword {SECRET}\naliases /etc/aliases\n'
POSTFIX = ("myhostname = host.example.org\nrelayhost = [smtp.example.org]:587\nsmtp_sasl_auth_enable = yes\n"
           "smtp_sasl_password_maps = hash:{folder}/sasl_passwd\nsmtp_tls_security_level = secure\ncontent_filter = scan:[127.0.0.1]:10025\n")
NULLMAILER = f"smtp.isp.example smtp --port=587 --starttls --user=me --pass={SECRET}\n"


def test_what_it_writes_passes_the_check_and_replaces_no_file(box):
    waypost = Waypost(box)
    folder = box.path("theirs", owner=ORDINARY_UID)
    (folder / "sasl_passwd").write_text(f"[smtp.example.org]:587 me:{SECRET}\n")
    for name, text in (("msmtp", MSMTP), ("postfix", POSTFIX.format(folder=folder)), ("nullmailer", NULLMAILER)):
        theirs, ours = folder / name, folder / f"{name}.toml"
        theirs.write_text(text)
        done = waypost.config("import", name, "--output", ours, theirs)
        assert done.returncode == 0 and "waypost credential add" in done.stderr, done
        written = ours.read_text()
        assert SECRET not in written + done.stdout + done.stderr
        assert waypost.config("check", ours).returncode == 0
        shown = waypost.config("import", name, theirs)
        assert shown.returncode == 0 and shown.stdout == written, shown
        again = waypost.config("import", name, "--output", ours, theirs)
        assert again.returncode == 100 and "stays as it is" in again.stderr and ours.read_text() == written
    assert waypost.config("import", "msmtp", folder / "none").returncode == 111


def test_the_file_of_msmtp_is_found_where_msmtp_finds_it(box):
    waypost = Waypost(box)
    folder = box.path("theirs", owner=ORDINARY_UID)
    for place, name in (("config/msmtp/config", "of-config"), ("home/.config/msmtp/config", "of-home"), ("home/.msmtprc", "old")):
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"account {name}\nhost smtp.isp.example\n")
        variables = {"HOME": str(folder / "home")} | ({"XDG_CONFIG_HOME": str(folder / "config")} if name == "of-config" else {})
        done = subprocess.run([BUILD / "waypost-config", "import", "msmtp"], env=waypost.environment() | variables, capture_output=True,
                              text=True, timeout=60 * PATIENCE, check=False, **waypost.identity())
        assert done.returncode == 0 and f'[transport."{name}"]' in done.stdout, done
