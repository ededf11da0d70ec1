#!/bin/sh
# SPDX-License-Identifier: ISC
# selftest.sh - the rules of layers.sh, calls.sh and globals.sh catch what is
# planted for them, and pass what is right
#
# selftest.sh CC
set -u
here=$(dirname "$0")
cc=${1:-cc}
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
bad=0

complain() {
	echo "$0: $1"
	bad=1
}

# planted RULE C-TEXT: the rule must complain of the text
# clean RULE C-TEXT: it must not
archive() {
	rm -f "$dir/lib.a"
	printf '%s\n' "$1" >"$dir/planted.c"
	if ! "$cc" -O2 -D_DEFAULT_SOURCE -D_FORTIFY_SOURCE=2 \
	    -c "$dir/planted.c" -o "$dir/planted.o"; then
		complain "does not compile: $1"
	fi
	ar rcs "$dir/lib.a" "$dir/planted.o"
}
planted() {
	archive "$2"
	sh "$here/$1.sh" "$dir/lib.a" >/dev/null 2>&1 &&
		complain "$1.sh misses: $2"
}
clean() {
	archive "$2"
	sh "$here/$1.sh" "$dir/lib.a" >/dev/null 2>&1 ||
		complain "$1.sh complains of: $2"
}

nl='
'
planted calls "#include <stdlib.h>${nl}const char *f(void) { return getenv(\"A\"); }"
planted calls "#include <time.h>${nl}long f(void) { return time(NULL); }"
planted calls "#include <stdio.h>${nl}void f(int a) { printf(\"%d\", a); }"
planted calls "#include <stdio.h>${nl}void f(void) { printf(\"text\\n\"); }"
planted calls "#include <stdio.h>${nl}void f(void) { fprintf(stderr, \"a\"); }"
planted calls "#include <stdlib.h>${nl}void f(void) { exit(1); }"
planted calls "#include <stdlib.h>${nl}#define quit exit${nl}void f(void) { quit(1); }"
clean calls "#include <stdio.h>${nl}int f(char *a, int b) /* exit(), printf() */ { return snprintf(a, 9, \"time() %d\", b); }"

planted globals 'int count; int f(void) { return count++; }'
planted globals 'int f(void) { static int count = 3; return count++; }'
planted globals 'const char *names[] = { "a" };'
clean globals 'const int two = 2; static const char *const names[] = { "a" }; const char *f(int i) { return names[i]; }'

# tree FILE TEXT: layers.sh on a small tree with this file
# planted_file FILE TEXT: layers.sh must complain of it
# clean_file FILE TEXT: it must not
tree() {
	rm -rf "$dir/tree"
	for file in lib/base/slice.c lib/base/slice.h cmd/main.c cmd/run.h \
	    include/mailsonde/slice.h "$1"; do
		mkdir -p "$(dirname "$dir/tree/$file")"
		: >"$dir/tree/$file"
	done
	printf '%s\n' "$2" >"$dir/tree/$1"
	sh "$here/layers.sh" "$dir/tree" 2>&1
}
planted_file() {
	tree "$1" "$2" | grep -q "^$1: " ||
		complain "layers.sh misses in $1: $2"
}
clean_file() {
	tree "$1" "$2" ||
		complain "layers.sh complains in $1 of: $2"
}
planted_file lib/base/a.c '#include "mailsonde/header.h"'
planted_file lib/dns/a.c '#include "mailsonde/geo.h"'
planted_file lib/message/a.c '#include "mailsonde/dns.h"'
planted_file lib/check/a.c '#include "mailsonde/render.h"'
planted_file lib/base/a.c '#include "message/mime_priv.h"'
planted_file lib/base/a.c '#include "mailsonde/nowhere.h"'
planted_file lib/message/a.c '# include <openssl/sha.h>'
planted_file cmd/a.c '#include <cjson/cJSON.h>'
planted_file include/mailsonde/geo.h '#include "mailsonde/env.h"'
planted_file include/mailsonde/nowhere.h ''
clean_file lib/check/a.c '#include "mailsonde/dns_record.h"'
clean_file lib/auth/a.c '#include "mailsonde/psl.h"'
clean_file lib/base/digest.c '#include <openssl/sha.h>'
clean_file lib/dns/live.c '#include <ldns/ldns.h>'

[ "$bad" -eq 0 ]
