#!/bin/sh
# SPDX-License-Identifier: ISC
# run_install.sh - what `make install` puts there works, and uninstall takes it
# away
#
# run_install.sh BUILD-DIRECTORY
set -u
build=$(cd "$1" && pwd) || exit 1
cd "$(dirname "$0")/../.." || exit 1
passed=0 failed=0 skipped=0
mode=${build##*/}
# A make of its own, not one of whoever runs the tests.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES

if [ "$mode" != release ]; then
	echo "SKIPPED: install: only the release build is installed"
	echo "install: 0 passed, 0 failed, 1 skipped"
	exit 0
fi
stage=$(mktemp -d) || exit 1
trap 'rm -rf "$stage"' EXIT
prefix=/opt/sonde
there=$stage$prefix

# check NAME COMMAND...
check() {
	name=$1
	shift
	if "$@" >"$stage/log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: install: $name"
		tail -n 20 "$stage/log"
	fi
}

skip() {
	skipped=$((skipped + 1))
	echo "SKIPPED: install: $1"
}

check "make install" make -s install "MODE=$mode" "DESTDIR=$stage" \
    "PREFIX=$prefix"
cat >"$stage/wanted" <<END
bin/mailsonde
lib/libmailsonde.a
lib/pkgconfig/mailsonde.pc
share/bash-completion/completions/mailsonde
share/fish/vendor_completions.d/mailsonde.fish
share/mailsonde/schema.json
share/zsh/vendor-completions/_mailsonde
END
for file in include/mailsonde/*.h; do
	echo "$file" >>"$stage/wanted"
done
for page in man/*.[1-9]; do
	echo "share/man/man${page##*.}/${page##*/}" >>"$stage/wanted"
done
if [ -r build/share/mailsonde/mailsonde-country.mmdb ]; then
	echo share/mailsonde/mailsonde-country.mmdb >>"$stage/wanted"
	check "the country database is found" sh -c \
	    "'$there/bin/mailsonde' geoip 193.0.14.129 | grep -q 'Country  *NL'"
else
	skip "there is no country database (see make deps)"
fi
LC_ALL=C sort "$stage/wanted" >"$stage/want"
(cd "$there" && find . -type f | sed 's|^\./||' | LC_ALL=C sort) >"$stage/got"
check "these files and no others" diff -u "$stage/want" "$stage/got"

check "the program" "$there/bin/mailsonde" parse -o /dev/null \
    samples/messages/newsletter.eml
check "the schema" sh -c \
    "'$there/bin/mailsonde' schema | cmp - '$there/share/mailsonde/schema.json'"
check "the completion" bash -c \
    ". '$there/share/bash-completion/completions/mailsonde' &&
    complete -p mailsonde"
if command -v mandoc >/dev/null; then
	check "the pages" sh -c "mandoc -Tutf8 '$there'/share/man/man*/* |
	    grep -q 'mailsonde-analyze'"
else
	skip "mandoc is not installed"
fi

# help_shows: the page that was installed, not the one of the source
help_shows() {
	mkdir -p "$stage/bin"
	printf '#!/bin/sh\necho "$@"\n' >"$stage/bin/man"
	chmod +x "$stage/bin/man"
	PATH=$stage/bin:$PATH "$there/bin/mailsonde" help checks >"$stage/got" &&
	    grep -q -- "-l $there/bin/../share/man/man7/mailsonde-checks.7" \
	    "$stage/got"
}
check "help of a topic" help_shows

# without_database: where there is none, nothing can be told
without_database() {
	rm -f "$there/share/mailsonde/mailsonde-country.mmdb"
	"$there/bin/mailsonde" geoip 193.0.14.129 >"$stage/got"
	[ $? -eq 2 ] && grep -q 'no GeoIP database was found' "$stage/got"
}
set -- /usr/share/GeoIP/*.mmdb /var/lib/GeoIP/*.mmdb \
    /usr/local/share/GeoIP/*.mmdb
if [ -e "$1" ] || [ -e "$2" ] || [ -e "$3" ]; then
	skip "this machine has databases of places of its own"
else
	check "without a database: could not tell" without_database
fi

# compile: somebody's program, against what was installed
compile() {
	PKG_CONFIG_PATH=$there/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$stage
	export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
	flags=$(pkg-config --cflags --libs --static mailsonde) || return 1
	# shellcheck disable=SC2086 # options, to be split
	${CC:-gcc} -std=c11 -Wall -Werror -o "$stage/program" \
	    tests/cli/use_library.c $flags
}
if command -v pkg-config >/dev/null; then
	check "a program against the library" compile
	"$stage/program" <samples/messages/newsletter.eml >"$stage/got"
	printf 'The week in examples\n0 text/html 198\n' >"$stage/want"
	check "it runs" cmp "$stage/want" "$stage/got"
else
	skip "pkg-config is not installed"
fi

check "make uninstall" make -s uninstall "MODE=$mode" "DESTDIR=$stage" \
    "PREFIX=$prefix"
check "it leaves no file" test -z "$(find "$there" ! -type d)"

echo "install: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
