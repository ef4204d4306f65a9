#!/usr/bin/env bash
# TRT on a host with systemd. Run as root from a checkout of the release to install:
#
#   systemd/install.sh install     install this release and start or restart the bots
#   systemd/install.sh upgrade     the same
#   systemd/install.sh rollback    go back to the release before this one
#   systemd/install.sh uninstall   stop and remove; settings and data stay
#
# Layout: /opt/trt/releases/<id> (code and its .venv), /opt/trt/current -> one of them,
# /etc/trt (settings and secrets, root only), /var/lib/trt (data, made by systemd).
#
# No update is lost: while a bot restarts, Telegram keeps the updates that it cannot deliver, and
# acknowledged updates are in the database.
set -euo pipefail

HOME_DIR=/opt/trt
CONF_DIR=/etc/trt
UNIT_DIR=/etc/systemd/system
KEEP=5          # releases
PATIENCE=60     # seconds until a restarted bot must be up
PYTHON=${PYTHON:-python3}

say() { printf '%s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }

usage() { sed -n '2,10p' "$0" | sed 's/^# \{0,1\}//'; exit 64; }

here() { cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd; }

# Our units that are enabled or running: trt.service and instances of trt@.service.
bots() {
    {
        systemctl list-units --all --plain --no-legend 'trt.service' 'trt@*.service' |
            awk '$2 == "loaded" { print $1 }'
        if systemctl is-enabled --quiet trt.service 2>/dev/null; then echo trt.service; fi
    } | sort -u
}

check_settings() {
    local missing=0 name
    install -d -m 700 "$CONF_DIR"
    # Several bots have their settings in folders of their own; then trt.service needs none.
    if compgen -G "$CONF_DIR/*/TELEGRAM_BOT_TOKEN" >/dev/null; then return; fi
    for name in TELEGRAM_BOT_TOKEN KIE_API_KEY DATABASE_URL; do
        if [ ! -s "$CONF_DIR/$name" ]; then
            say "missing: $CONF_DIR/$name   (install -m 600 /dev/stdin $CONF_DIR/$name, paste it, Ctrl-D)"
            missing=1
        fi
    done
    [ "$missing" = 0 ] || fail "put the secrets there and run this again; nothing was changed"
}

# Whether the release in folder $1 starts: an upgrade of the host may have replaced its Python.
starts() { (cd "$1" && .venv/bin/python run.py --help) >/dev/null 2>&1; }

prepare_release() { # prints its folder
    local source release commit id
    source=$(here)
    commit=$(git -C "$source" rev-parse --verify --quiet HEAD 2>/dev/null || true)
    id=${commit:0:12}
    # What is not committed, such as a price that was edited here, is another release each time.
    if [ -z "$id" ] || [ -n "$(git -C "$source" status --porcelain)" ]; then
        id=${id:+$id-}$(date -u +%Y%m%d%H%M%S)
    fi
    release=$HOME_DIR/releases/$id
    if [ ! -e "$release/.complete" ] || ! starts "$release"; then
        rm -rf "$release/.complete" "$release/.venv"
        install -d -m 755 "$release"
        # Of .git only what names the commit: the address of a remote may hold a token.
        tar -C "$source" --exclude=./.venv --exclude=./.data --exclude=./.env --exclude=./.git \
            -cf - . -T <(cd "$source" && find .git/HEAD .git/packed-refs .git/refs -maxdepth 0 2>/dev/null) |
            tar -C "$release" -xf -
        # In a worktree .git is a file; what it names is elsewhere.
        if [ -n "$commit" ]; then
            install -d "$release/.git"
            printf '%s\n' "$commit" >"$release/.git/HEAD"
        fi
        "$PYTHON" -m venv "$release/.venv"
        [ -n "${SKIP_PIP:-}" ] || (cd "$release" &&
            .venv/bin/python -m pip install --quiet --disable-pip-version-check \
                --require-hashes -r requirements.txt)
        # The service cannot write here, so without this it would compile everything at each start.
        (cd "$release" && .venv/bin/python -m compileall -q run.py supervisor handlers kie sql)
        chmod -R a+rX,go-w "$release"
        touch "$release/.complete"
    fi
    printf '%s\n' "$release"
}

switch_to() { # folder: atomically
    ln -sfn "$1" "$HOME_DIR/current.next"
    mv -T "$HOME_DIR/current.next" "$HOME_DIR/current"
    install_units "$1"
}

# The release that a rollback returns to; only a release that has run.
remember() { if [ -n "$1" ]; then ln -sfn "$1" "$HOME_DIR/previous"; fi; }

install_units() {
    install -m 644 "$1/systemd/trt.service" "$1/systemd/trt@.service" "$UNIT_DIR/"
    systemctl daemon-reload
}

# Restart one unit. It is up when it stays active and its status is ACTIVE or PASSIVE.
restart() {
    local until_time=$((SECONDS + PATIENCE))
    systemctl restart "$1" || return 1
    while [ "$SECONDS" -lt "$until_time" ]; do
        sleep 1
        [ "$(systemctl is-active "$1")" = active ] || return 1
        case $(systemctl show -P StatusText "$1") in ACTIVE* | PASSIVE*) return 0 ;; esac
    done
    return 1
}

# Fails when a bot that was up does not come up, or none does. One that was down before, such as a
# bot whose token was revoked, keeps the others from nothing.
restart_all() {
    local unit was up=0 down=0
    for unit in $(bots); do
        was=$(systemctl is-active "$unit" || true)
        say "restarting $unit"
        if restart "$unit"; then
            up=$((up + 1))
            continue
        fi
        journalctl -u "$unit" -n 20 --no-pager >&2 || true
        if [ "$was" = active ]; then return 1; fi
        down=$((down + 1))
        say "$unit did not come up, and was $was before"
    done
    [ "$down" = 0 ] || [ "$up" -gt 0 ]
}

drop_old_releases() { # keeps the newest few, the running one and the one before it
    local used release number=0
    used=$(readlink "$HOME_DIR/current" "$HOME_DIR/previous" || true)
    while read -r release; do
        number=$((number + 1))
        if [ "$number" -gt "$KEEP" ] && ! grep -qxF "$release" <<<"$used"; then
            rm -rf "$release"
        fi
    done < <(find "$HOME_DIR/releases" -mindepth 1 -maxdepth 1 -type d -printf '%T@ %p\n' |
        sort -rn | cut -d' ' -f2-)
}

do_install() {
    local release before
    check_settings
    before=$(readlink "$HOME_DIR/current" || true)
    release=$(prepare_release)
    switch_to "$release"
    if [ -s "$CONF_DIR/TELEGRAM_BOT_TOKEN" ]; then systemctl enable --quiet trt.service; fi
    if ! restart_all; then
        if [ -n "$before" ] && [ "$before" != "$release" ]; then
            switch_to "$before"
            restart_all || true
            fail "$release did not come up (see above); $before runs again"
        fi
        fail "$release did not come up (see above)"
    fi
    if [ "$before" != "$release" ]; then remember "$before"; fi
    drop_old_releases
    say "installed: $release"
}

do_rollback() {
    local before now
    now=$(readlink "$HOME_DIR/current")
    before=$(readlink "$HOME_DIR/previous") || fail "there is no release before this one"
    starts "$before" || fail "$before does not start any more (was the host's Python replaced?);" \
        "check its commit out and install that"
    switch_to "$before"
    restart_all || fail "$before did not come up (see above)"
    remember "$now"
    say "back to: $before"
}

do_uninstall() {
    local unit
    for unit in $(bots); do systemctl disable --now --quiet "$unit" || true; done
    rm -f "$UNIT_DIR/trt.service" "$UNIT_DIR/trt@.service"
    systemctl daemon-reload
    rm -rf "$HOME_DIR"
    say "removed; settings are still in $CONF_DIR, data in /var/lib/trt*"
}

[ "$#" = 1 ] || usage
case $1 in install | upgrade | rollback | uninstall) ;; *) usage ;; esac
[ "$(id -u)" = 0 ] || fail "must run as root"
case $1 in
    install | upgrade) do_install ;;
    rollback) do_rollback ;;
    uninstall) do_uninstall ;;
esac
