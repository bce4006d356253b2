# Shared by the commands beside it, which read it with `.`: finds a Python and makes the work tree ready.
# Sets `root` (this folder's parent) and `python` (the one of .venv). Portable sh: no bash needed.

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
python=$root/.venv/bin/python

fail() {
    echo "error: $1" >&2
    exit 1
}

# Prints the first Python that is new enough and can make virtual environments.
find_python() {
    without_venv=
    for candidate in python3.14 python3.13 python3.12 python3.11 python3; do
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
        if "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
        without_venv=$candidate
    done
    if [ -n "$without_venv" ]; then
        fail "$without_venv lacks the modules venv and ensurepip (Debian and Ubuntu: apt-get install python3-venv)"
    fi
    fail "Python 3.11 or newer is needed, and no such python3 was found on this machine"
}

# set_up run|test: brings .venv, dependencies, browser code and translations up to date.
set_up() {
    # The stamp says that the environment was made to its end; its own Python then serves, which is quicker to find.
    if [ -f "$root/.venv/.sip/environment" ] && "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
    then
        maker=$python
    else
        maker=$(find_python) || exit 1
    fi
    PYTHONDONTWRITEBYTECODE=1 "$maker" "$root/bin/_setup.py" "$1"
}
