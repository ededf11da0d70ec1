# SPDX-License-Identifier: ISC
# Makefile - one file, no recursion, no configure step
#
#   make deps demo     install what is missing, build, analyse a sample
#   make deps test     the same for the tests
#   make help          every target

MODE   ?= release
ifeq ($(origin CC),default)
CC := gcc
endif
PREFIX ?= /usr/local
BUILD  := build/$(MODE)

VERSION := 0.1.0

# ---- Debian packages ------------------------------------------------------

DEPS_BUILD := gcc libc6-dev make libssl-dev libmaxminddb-dev libcjson-dev \
	libgumbo-dev libmagic-dev libidn2-dev libpsl-dev publicsuffix \
	libldns-dev libunbound-dev dns-root-data libcurl4-openssl-dev \
	libgsasl-dev libexpat1-dev zlib1g-dev libmicrohttpd-dev libpcre2-dev
DEPS_TEST  := libcmocka-dev python3 python3-jsonschema pkg-config openssl \
	tidy
DEPS_CHECK := clang libclang-rt-14-dev llvm clang-format clang-tidy cppcheck \
	mandoc shellcheck pmccabe universal-ctags lcov
DEPS_BENCH := libgmime-3.0-dev pkg-config mblaze nsd iproute2 adns-tools \
	ldnsutils dns-root-data libspf2-dev libopendkim-dev \
	monitoring-plugins-basic nmap openssl sslscan
DEPS_LAB   := nsd unbound ldnsutils dns-root-data python3-dnspython iproute2 \
	sslscan testssl.sh gnutls-bin jq
DEPS_UNPACKED := postfix dovecot-core dovecot-imapd dovecot-pop3d \
	dovecot-lmtpd dovecot-sieve dovecot-managesieved nginx \
	exim4-daemon-light opensmtpd courier-base courier-imap courier-pop \
	courier-authlib libcourier-unicode4 libgamin0 libdb5.3 libevent-2.1-7 \
	libicu72 libidn12 libltdl7 libnsl2 libsasl2-2 libsodium23 libtirpc3 \
	libwrap0 prometheus opendkim libopendkim11 libmilter1.0.1 \
	libmemcached11 libopendbx1 librbl1 libvbr2 liblua5.3-0 libldap-2.5-0 \
	libbsd0

# ---- what is compiled ----------------------------------------------------

LIB_SRC  := $(wildcard lib/*/*.c)
CMD_SRC  := $(wildcard cmd/*.c)
UNIT_SRC := $(wildcard tests/unit/*/test_*.c)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
BENCH_SRC := $(wildcard tests/bench/bench_*.c)
TESTLIB_SRC := $(wildcard tests/support/*.c)

LIB_OBJ  := $(LIB_SRC:%.c=$(BUILD)/%.o)
CMD_OBJ  := $(CMD_SRC:%.c=$(BUILD)/%.o)
TESTLIB_OBJ := $(TESTLIB_SRC:%.c=$(BUILD)/%.o)
UNIT_BIN := $(UNIT_SRC:tests/%.c=$(BUILD)/tests/%)
FUZZ_BIN := $(FUZZ_SRC:tests/%.c=$(BUILD)/tests/%)
BENCH_BIN := $(BENCH_SRC:tests/%.c=$(BUILD)/tests/%)

TEST_SRC := $(wildcard tests/cli/*.c tests/corpus/*.c tests/lab/*.c)
TEST_BIN := $(TEST_SRC:%.c=$(BUILD)/%)
CONFORM_SRC := $(wildcard tests/conformance/*.c)
CONFORM  := $(BUILD)/tests/conformance/conform

LIB     := $(BUILD)/libmailsonde.a
PROGRAM := $(BUILD)/mailsonde
COUNTRY := build/share/mailsonde/mailsonde-country.mmdb
GEOIP_TEXT := build/geoip/usr/share/tor
SERVERS := build/servers

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wformat=2 -Wcast-qual -Wwrite-strings -Wvla \
	-Wundef -Werror

STD := -std=c11 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -D_GNU_SOURCE \
	-DMAILSONDE_VERSION='"$(VERSION)"'

CFLAGS ?= -O2 -g
HARDEN := -fstack-protector-strong -fPIE -fvisibility=hidden \
	-ffile-prefix-map=$(CURDIR)=.
HARDEN_LINK := -pie -Wl,-z,relro,-z,now -Wl,--as-needed -Wl,--gc-sections \
	-Wl,-z,pack-relative-relocs

ifeq ($(MODE),release)
MODE_CFLAGS := -D_FORTIFY_SOURCE=3 -ffunction-sections -fdata-sections
else ifneq (,$(findstring asan,$(MODE)))
MODE_CFLAGS := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
MODE_LINK := -fsanitize=address,undefined
else ifneq (,$(findstring tsan,$(MODE)))
MODE_CFLAGS := -O1 -fsanitize=thread -fno-omit-frame-pointer
MODE_LINK := -fsanitize=thread
else ifeq ($(MODE),fuzz)
MODE_CFLAGS := -O1 -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all -fno-omit-frame-pointer \
	-fprofile-instr-generate -fcoverage-mapping
else ifneq (,$(findstring cover,$(MODE)))
MODE_CFLAGS := -O0 --coverage
MODE_LINK := --coverage
endif

ALL_CFLAGS = $(CFLAGS) $(STD) $(WARN) $(HARDEN) $(MODE_CFLAGS) -Iinclude -Ilib \
	-include lib/base/banned.h

# Static where start-up counts: libcrypto alone costs 1.3 ms as a shared
# library. libcjson, libmagic, libidn2 and libpsl are opened when first needed.
# No libm: every start would pay for it (0.07 ms), whatever uses it.
LIBS := -l:libldns.a -l:libssl.a -l:libcrypto.a -l:libgumbo.a \
	-l:libmaxminddb.a -l:libz.a -l:libexpat.a -lpthread -ldl

# `make -j8 deps demo`: nothing is compiled before what it needs is there.
FIRST := $(filter deps,$(MAKECMDGOALS))

.PHONY: all
all: $(PROGRAM) country

$(BUILD)/%.o: %.c Makefile | $(FIRST)
	@mkdir -p $(@D)
	@echo "CC $<"
	@$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/cmd/schema.o: cmd/schema.json
$(BUILD)/lib/render/html.o: lib/render/html.css

$(LIB): $(LIB_OBJ)
	@rm -f $@
	@ar rcs $@ $^

$(PROGRAM): $(CMD_OBJ) $(LIB)
	@echo "LD $@"
	@$(CC) $(CFLAGS) $(MODE_CFLAGS) $(MODE_LINK) $(HARDEN_LINK) -o $@ $^ $(LIBS)

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(TESTLIB_OBJ) $(LIB)
	@echo "LD $@"
	@$(CC) $(CFLAGS) $(MODE_CFLAGS) $(MODE_LINK) $(HARDEN_LINK) -o $@ $^ -lcmocka $(LIBS)

# It stands in for a function of libgsasl.
$(BUILD)/tests/unit/sasl/test_sasl: \
	HARDEN_LINK += -Wl,--export-dynamic-symbol=gsasl_base64_to

# Fuzz targets replay their corpus in every build; `make fuzz` builds them for
# libFuzzer.
$(BUILD)/tests/fuzz/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/tests/fuzz/replay.o $(LIB)
	@echo "LD $@"
	@$(CC) $(CFLAGS) $(MODE_CFLAGS) $(MODE_LINK) $(HARDEN_LINK) -o $@ $^ $(LIBS)

$(BUILD)/tests/%.o: ALL_CFLAGS += -Itests/support

# Test code may use what the house itself does without.
$(BUILD)/tests/%.o: tests/%.c Makefile | $(FIRST)
	@mkdir -p $(@D)
	@echo "CC $<"
	@$(CC) $(filter-out -include lib/base/banned.h,$(ALL_CFLAGS)) -MMD -MP -c $< -o $@

.PHONY: test
test: $(PROGRAM) country $(UNIT_BIN) $(FUZZ_BIN) $(BUILD)/tests/geo.mmdb $(TEST_BIN) $(CONFORM)
	@CMOCKA_TEST_ABORT=1 tests/run.sh $(BUILD)

# The command tests' own database, and programs that tests start.
$(BUILD)/tests/geo.mmdb: $(BUILD)/tests/cli/make_geo
	$< $@

$(TEST_BIN): $(BUILD)/tests/%: $(BUILD)/tests/%.o $(LIB)
	@echo "LD $@"
	@$(CC) $(CFLAGS) $(MODE_CFLAGS) $(MODE_LINK) $(HARDEN_LINK) -o $@ $^ $(LIBS)

# Published suites against the library: one program, a file a suite.
# `make conformance SUITES=DIR`
SUITES ?= ../shared/conformance
$(CONFORM): $(CONFORM_SRC:%.c=$(BUILD)/%.o) $(LIB)
	@echo "LD $@"
	@$(CC) $(CFLAGS) $(MODE_CFLAGS) $(MODE_LINK) $(HARDEN_LINK) -o $@ $^ $(LIBS) -lcjson

.PHONY: conformance
conformance: $(CONFORM)
	@$(CONFORM) $(SUITES)

# Rewrites what the command tests want, for review in the diff.
.PHONY: bless
bless: $(PROGRAM) $(BUILD)/tests/geo.mmdb
	sh tests/cli/run_cli.sh $(BUILD) bless
	sh tests/cli/run_readme.sh $(BUILD) bless

.PHONY: demo
demo: all
	@echo '$$ mailsonde analyze --offline --zone samples/dns/samples.zone \'
	@echo '      samples/messages/invoice-lure.eml'
	@$(PROGRAM) analyze --fail-on never --at 2026-01-15T12:00:00Z \
	    --offline --zone samples/dns/samples.zone \
	    samples/messages/invoice-lure.eml
	@echo
	@echo '$$ mailsonde analyze --replay samples/records/spoofed.ndjson \'
	@echo '      samples/messages/spoofed.eml'
	@$(PROGRAM) analyze --fail-on never --replay \
	    samples/records/spoofed.ndjson samples/messages/spoofed.eml
	@echo
	@echo '$$ mailsonde trace samples/messages/far-travelled.eml'
	@$(PROGRAM) trace samples/messages/far-travelled.eml

# Real name servers and mail servers, on loopback, in namespaces; skipped
# loudly where they cannot be had.
.PHONY: test-lab
test-lab: $(BUILD)/tests/lab/ask $(PROGRAM)
	-@$(MAKE) --no-print-directory deps-lab
	@code=0; sh tests/lab/lab.sh $(BUILD) || code=1; \
	sh tests/lab/servers.sh $(BUILD) $(SERVERS) || code=1; \
	sh tests/lab/tls_scan.sh $(BUILD) $(SERVERS) || code=1; \
	sh tests/lab/roundtrip.sh $(BUILD) $(SERVERS) || code=1; \
	sh tests/lab/monitoring.sh $(BUILD) $(SERVERS) || code=1; exit $$code

# The evidence of the lab, for "make test", which has no servers. Read the
# diff of want.txt afterwards.
.PHONY: lab-evidence
lab-evidence: $(BUILD)/tests/lab/ask $(PROGRAM)
	@sh tests/lab/lab.sh $(BUILD) $(BUILD)/lab.record
	@cd tests/cli/domain/lab && \
	    python3 -B evidence.py pack evidence.xz <../../../../$(BUILD)/lab.record
	@sh tests/cli/run_cli.sh $(BUILD) bless domain/lab

# The bench: our programs under bench_*.c, a peer's driver only where the peer
# is installed. `make bench ROWS="1a 1c" ROUNDS=3` runs a part.
PEERS := $(if $(shell pkg-config --exists gmime-3.0 2>/dev/null && echo yes),\
	$(BUILD)/tests/bench/peer_gmime) $(if $(wildcard /usr/include/spf2/spf.h),\
	$(BUILD)/tests/bench/peer_spf2) \
	$(if $(wildcard /usr/include/opendkim/dkim.h),\
	$(BUILD)/tests/bench/peer_opendkim)
SHARED_LIBS := -lldns -lssl -lcrypto -lgumbo -lmaxminddb -lcjson -lmagic -lidn2

# Signed mail is made as the tests make it.
$(BUILD)/tests/bench/bench_dkim: $(BUILD)/tests/support/dkim_sign.o
$(BUILD)/tests/bench/bench_%: $(BUILD)/tests/bench/bench_%.o $(LIB)
	$(CC) $(CFLAGS) $(MODE_CFLAGS) $(MODE_LINK) $(HARDEN_LINK) -o $@ \
	    $(filter %.o,$^) $(LIB) $(LIBS) -lm

# What it costs to start with nothing but what is shared, and with every
# library shared.
$(BUILD)/tests/bench/bench_empty: $(BUILD)/tests/bench/bench_empty.o
	$(CC) $(CFLAGS) -pie -Wl,-z,relro,-z,now -Wl,--no-as-needed -o $@ $< $(LIBS)
$(BUILD)/tests/bench/bench_empty_shared: $(BUILD)/tests/bench/bench_empty.o
	$(CC) $(CFLAGS) -pie -Wl,-z,relro,-z,now -Wl,--no-as-needed -o $@ $< $(SHARED_LIBS)
$(BUILD)/tests/bench/bench_limit_shared: $(BUILD)/tests/bench/bench_limit.o
	$(CC) $(CFLAGS) -pie -Wl,-z,relro,-z,now -Wl,--no-as-needed -o $@ $< $(SHARED_LIBS)

$(BUILD)/tests/bench/peer_spf2: $(BUILD)/tests/bench/peer_spf2.o
	$(CC) $(CFLAGS) -pie -o $@ $< -lspf2

$(BUILD)/tests/bench/peer_gmime.o: ALL_CFLAGS += $(shell \
	pkg-config --cflags-only-I gmime-3.0 2>/dev/null | sed 's/-I/-isystem /g')
$(BUILD)/tests/bench/peer_gmime: $(BUILD)/tests/bench/peer_gmime.o
	$(CC) $(CFLAGS) -pie -o $@ $< $$(pkg-config --libs gmime-3.0) -l:libcrypto.a
$(BUILD)/tests/bench/peer_opendkim: $(BUILD)/tests/bench/peer_opendkim.o
	$(CC) $(CFLAGS) -pie -o $@ $< -lopendkim

.PHONY: bench bench-programs
bench-programs: $(BENCH_BIN) $(PEERS) \
	$(addprefix $(BUILD)/tests/bench/bench_,empty_shared limit_shared)
bench: $(PROGRAM) country bench-programs
	@tests/bench/bench.sh $(BUILD) $(ROWS)

# make fuzz T=received S=60: one target under libFuzzer with ASan and UBSan,
# from its corpus and what earlier runs found; then which lines all of that
# reaches, of the files that the target looks at.
T ?= header
S ?= 60
FUZZ := build/fuzz/$(T)
FUZZ_COVER = LLVM_PROFILE_FILE=$(FUZZ)/cover.raw

.PHONY: fuzz
fuzz:
	@$(MAKE) --no-print-directory MODE=fuzz CC=clang \
	    build/fuzz/bin/fuzz_$(T)
	@mkdir -p $(FUZZ)/corpus tests/fuzz/corpus/$(T)
	LLVM_PROFILE_FILE=/dev/null build/fuzz/bin/fuzz_$(T) -max_total_time=$(S) -timeout=10 \
	    -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 \
	    $(if $(wildcard tests/fuzz/$(T).dict),-dict=tests/fuzz/$(T).dict) \
	    -artifact_prefix=$(FUZZ)/ $(FUZZ)/corpus tests/fuzz/corpus/$(T)
	@$(FUZZ_COVER) build/fuzz/bin/fuzz_$(T) -runs=0 $(FUZZ)/corpus \
	    tests/fuzz/corpus/$(T) 2>/dev/null
	@llvm-profdata merge -o $(FUZZ)/cover.data $(FUZZ)/cover.raw
	@echo "lines covered by the corpus:"
	@llvm-cov report build/fuzz/bin/fuzz_$(T) \
	    -instr-profile=$(FUZZ)/cover.data $(LIB_SRC) | \
	    awk '$$1 ~ /\.c$$/ && $$10 != "0.00%" { printf "  %-36s %7s\n", $$1, $$10 }'

build/fuzz/bin/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(LIB)
	@mkdir -p $(@D)
	@echo "LD $@"
	@$(CC) $(CFLAGS) $(MODE_CFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)

# ---- what is needed from outside -----------------------------------------

# Installs those of the packages that are missing, as root or with sudo. The
# package lists are fetched only when they do not know one of them, or are so
# old that what they name is gone.
define install_missing
	@missing=; \
	for package in $(1); do \
		case $$(dpkg-query -W -f='$${db:Status-Status}' \
		    $$package 2>/dev/null) in \
		installed*) ;; \
		*) missing="$$missing $$package" ;; \
		esac; \
	done; \
	[ -n "$$missing" ] || exit 0; \
	echo "missing packages:$$missing"; \
	$(as_root); \
	$(no_services); \
	export DEBIAN_FRONTEND=noninteractive; \
	install="apt-get install -y --no-install-recommends$$missing"; \
	{ apt-cache show$$missing >/dev/null 2>&1 || \
	    as_root apt-get update; } && \
	{ as_root $$install || \
	    { as_root apt-get update && as_root $$install; }; } || { \
		echo "could not install them; as root: $$install" >&2; \
		exit 1; \
	}
endef

# Servers that we install are not to be started: policy-rc.d says so while we
# install, unless the system has one of its own.
policy := /usr/sbin/policy-rc.d
define no_services
if [ ! -e $(policy) ]; then \
		as_root sh -c "printf '#!/bin/sh\nexit 101\n' >$(policy); \
		    chmod 755 $(policy)"; \
		trap 'as_root rm -f $(policy)' EXIT; \
	fi
endef

# A shell function: run as root, or end with what is missing.
define as_root
if [ "$$(id -u)" -eq 0 ]; then \
		as_root() { "$$@"; }; \
	elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || \
	    [ -t 0 ]; }; then \
		as_root() { sudo DEBIAN_FRONTEND=noninteractive "$$@"; }; \
	else \
		echo "neither root nor sudo; please install:$$missing" >&2; \
		exit 1; \
	fi
endef

.PHONY: deps deps-check deps-bench deps-lab
deps: deps-packages $(GEOIP_TEXT)/geoip

.PHONY: deps-packages
deps-packages:
	@$(call install_missing,$(DEPS_BUILD) $(DEPS_TEST))

deps-check: deps-packages
	@$(call install_missing,$(DEPS_CHECK))

deps-bench: deps-packages
	@$(call install_missing,$(DEPS_BENCH))

deps-lab: deps-packages
	@$(call install_missing,$(DEPS_LAB))
	@[ "$$(cat $(SERVERS)/done 2>/dev/null)" = "$(DEPS_UNPACKED)" ] || \
		$(MAKE) --no-print-directory servers

# Mail servers for the lab, and the libraries they need: unpacked, for they
# exclude one another, and nobody's own is to be replaced or started.
.PHONY: servers
servers:
	@rm -rf $(SERVERS).new && mkdir -p $(SERVERS).new/packages && \
	cd $(SERVERS).new/packages && \
	download="apt-get -qo APT::Sandbox::User=root download"; \
	missing=' $(DEPS_UNPACKED) (to be downloaded only)'; \
	$$download $(DEPS_UNPACKED) >/dev/null 2>&1 || { \
		$(as_root); \
		as_root apt-get update; \
		$$download $(DEPS_UNPACKED) >/dev/null; \
	} && for package in *.deb; do \
		dpkg-deb -x "$$package" .. || exit; \
	done && cd .. && rm -rf packages && echo "$(DEPS_UNPACKED)" >done && \
	cd .. && rm -rf servers && mv servers.new servers || \
	echo "no mail servers: the lab will not probe them" >&2

# The text of Debian's tor-geoipdb: as it is installed, or from the package,
# unpacked and not installed (it would bring tor). Without it everything
# works but for the country of an address.
$(GEOIP_TEXT)/geoip: | deps-packages
	@mkdir -p $(@D); \
	if [ -r /usr/share/tor/geoip ] && [ -r /usr/share/tor/geoip6 ]; then \
		cp /usr/share/tor/geoip6 /usr/share/tor/geoip $(@D); \
		exit; \
	fi; \
	cd build/geoip && rm -f tor-geoipdb_*.deb; \
	download="apt-get -o APT::Sandbox::User=root download tor-geoipdb"; \
	missing=' tor-geoipdb (to be downloaded only)'; \
	$$download 2>/dev/null || { \
		$(as_root); \
		as_root apt-get update; \
		$$download; \
	} && dpkg-deb -x tor-geoipdb_*.deb . && rm -f tor-geoipdb_*.deb && \
	touch usr/share/tor/geoip || \
	echo "no tor-geoipdb: there will be no country database" >&2

# The embedded country database, where the program looks for it: beside its
# own folder. Only when there is something to make it from.
.PHONY: country
country: $(PROGRAM) | $(FIRST)
	@if [ -r $(GEOIP_TEXT)/geoip ] && \
	    [ ! $(COUNTRY) -nt $(GEOIP_TEXT)/geoip ]; then \
		mkdir -p $(dir $(COUNTRY)) && \
		$(PROGRAM) geoip build --geoip $(GEOIP_TEXT)/geoip \
		    --geoip6 $(GEOIP_TEXT)/geoip6 -o $(COUNTRY).new && \
		mv $(COUNTRY).new $(COUNTRY); \
	fi

# ---- checking ------------------------------------------------------------

# Sanitizers with both compilers, then lint.
.PHONY: check
check:
	$(MAKE) MODE=asan-gcc CC=gcc test
	$(MAKE) MODE=asan-clang CC=clang test
	$(MAKE) lint

ALL_SRC := $(LIB_SRC) $(CMD_SRC) $(UNIT_SRC) $(FUZZ_SRC) $(BENCH_SRC) \
	$(TESTLIB_SRC) $(TEST_SRC) $(CONFORM_SRC) tests/fuzz/replay.c
HEADERS := $(wildcard include/mailsonde/*.h lib/*/*.h cmd/*.h tests/*/*.h)

.PHONY: lint
lint: lint-format lint-layers lint-headers lint-man lint-shell lint-cppcheck \
	lint-tidy
	@tests/lint/longest.sh

.PHONY: lint-format
lint-format:
	@clang-format --dry-run -Werror $(ALL_SRC) $(HEADERS)

.PHONY: lint-layers
lint-layers: $(LIB)
	sh tests/lint/selftest.sh $(CC)
	sh tests/lint/layers.sh
	sh tests/lint/calls.sh $(LIB)
	sh tests/lint/globals.sh $(LIB)

.PHONY: lint-headers
lint-headers:
	@for h in include/mailsonde/*.h; do \
		echo "#include \"$$h\"" | $(CC) $(STD) $(WARN) -Iinclude -I. \
		    -fsyntax-only -x c - || exit 1; \
	done

.PHONY: lint-man
lint-man:
	mandoc -Tlint -W warning man/*.1 man/*.5 man/*.7
	@# what follows a comma would stand within the quotes of Ql
	@! grep -nE '^\.(Pq )?Ql .* (,|No) [^ ]' man/*.[157]

.PHONY: lint-shell
lint-shell:
	shellcheck -x tests/*.sh tests/*/*.sh .ci/run

.PHONY: lint-cppcheck
lint-cppcheck:
	cppcheck --quiet --std=c11 --enable=warning,portability \
	    --inline-suppr --error-exitcode=1 -Iinclude -Ilib \
	    --suppress=missingIncludeSystem --suppress=varFuncNullUB \
	    --suppress=preprocessorErrorDirective:lib/base/cpu.h \
	    --suppress=ctuuninitvar --suppress=identicalInnerCondition \
	    lib cmd

# A file at a time, for -j and because clang-tidy 14 sees uninitialised va_lists
# where it reads more; what was clean and did not change is not read again. Its
# own count of what it left out is noise.
TIDY_OK := $(patsubst %.c,build/tidy/%.ok,$(LIB_SRC) $(CMD_SRC))

.PHONY: lint-tidy
lint-tidy: $(TIDY_OK)

build/tidy/%.ok: %.c $(HEADERS) .clang-tidy
	@mkdir -p $(@D)
	@echo "TIDY $<"
	@clang-tidy --quiet --warnings-as-errors='*' $< -- $(STD) -Iinclude \
	    -Ilib -include lib/base/banned.h >$@.new 2>$@.log || \
	    { cat $@.new $@.log; exit 1; }
	@mv $@.new $@

.PHONY: format
format:
	@clang-format -i $(ALL_SRC) $(HEADERS)

# One line a target.
define HELP
  all          the program, build/release/mailsonde (the default)
  deps         install the packages that are missing, fetch the country data
  demo         analyse a sample
  test         every test; the last line counts them
  test-lab     those that need name servers and mail servers
  lab-evidence record them anew, for make test
  conformance  published suites: make conformance SUITES=DIR
  bless        rewrite what the command tests want, for review in the diff
  check        the tests under sanitizers with gcc and clang, then lint
  lint         format, layers, headers, pages, scripts, static analysis
  fuzz         one fuzz target: make fuzz T=header S=60
  bench        speed and memory, beside other programs
  cover        line coverage of the tests
  format       clang-format in place
  map          the first line of every file
  help         this list
  install      below PREFIX (/usr/local), with DESTDIR in front
  uninstall    what install put there
  clean        what was built
  deps-check   packages for check, lint, fuzz and cover
  deps-bench   packages for bench
  deps-lab     packages for test-lab, lab-evidence
endef
export HELP

.PHONY: help
help:
	@echo "$$HELP"

# First lines of all files: a table of contents that cannot go stale.
.PHONY: map
map:
	@for f in lib/*/*.c cmd/*.c; do sed -n '2s/^ \* //p' $$f; done

# Line coverage of the tests, a folder a row.
.PHONY: cover
cover:
	@mkdir -p build/cover; find build/cover -name '*.gcda' -delete
	$(MAKE) MODE=cover CC=gcc test
	lcov --quiet --capture --directory build/cover --output-file \
	    build/cover/all.info --base-directory . --no-external
	lcov --quiet --remove build/cover/all.info '*/tests/*' --output-file \
	    build/cover/lib.info
	lcov --list build/cover/lib.info

.SECONDARY:
-include $(shell find $(BUILD) -name "*.d" 2>/dev/null)

# ---- installing ----------------------------------------------------------

BINDIR  := $(DESTDIR)$(PREFIX)/bin
LIBDIR  := $(DESTDIR)$(PREFIX)/lib
SHAREDIR := $(DESTDIR)$(PREFIX)/share
INCLUDEDIR := $(DESTDIR)$(PREFIX)/include/mailsonde
MANDIR  := $(SHAREDIR)/man
COMPLETIONDIR := $(SHAREDIR)/bash-completion/completions
ZSHDIR := $(SHAREDIR)/zsh/vendor-completions
FISHDIR := $(SHAREDIR)/fish/vendor_completions.d

define PKG_CONFIG
prefix=$(PREFIX)
Name: mailsonde
Description: e-mail forensics and deliverability
Version: $(VERSION)
Cflags: -I$${prefix}/include
Libs: -L$${prefix}/lib -lmailsonde
Libs.private: $(LIBS)
endef
export PKG_CONFIG

.PHONY: install
install: all
	install -d $(BINDIR) $(LIBDIR)/pkgconfig $(INCLUDEDIR) \
	    $(SHAREDIR)/mailsonde $(MANDIR)/man1 $(MANDIR)/man5 \
	    $(MANDIR)/man7 $(COMPLETIONDIR) $(ZSHDIR) $(FISHDIR)
	install -m 755 $(PROGRAM) $(BINDIR)/mailsonde
	install -m 644 $(LIB) $(LIBDIR)/libmailsonde.a
	install -m 644 include/mailsonde/*.h $(INCLUDEDIR)
	echo "$$PKG_CONFIG" > $(LIBDIR)/pkgconfig/mailsonde.pc
	install -m 644 man/*.1 $(MANDIR)/man1
	install -m 644 man/*.5 $(MANDIR)/man5
	install -m 644 man/*.7 $(MANDIR)/man7
	$(PROGRAM) completion bash > $(COMPLETIONDIR)/mailsonde
	$(PROGRAM) completion zsh > $(ZSHDIR)/_mailsonde
	$(PROGRAM) completion fish > $(FISHDIR)/mailsonde.fish
	$(PROGRAM) schema > $(SHAREDIR)/mailsonde/schema.json
	if [ -r $(COUNTRY) ]; then \
		install -m 644 $(COUNTRY) $(SHAREDIR)/mailsonde; \
	fi

.PHONY: uninstall
uninstall:
	rm -f $(BINDIR)/mailsonde $(LIBDIR)/libmailsonde.a \
	    $(LIBDIR)/pkgconfig/mailsonde.pc $(COMPLETIONDIR)/mailsonde \
	    $(ZSHDIR)/_mailsonde $(FISHDIR)/mailsonde.fish \
	    $(MANDIR)/man1/mailsonde*.1 $(MANDIR)/man5/mailsonde*.5 \
	    $(MANDIR)/man7/mailsonde*.7
	rm -rf $(INCLUDEDIR) $(SHAREDIR)/mailsonde

.PHONY: clean
clean:
	rm -rf build/release build/asan-gcc build/asan-clang \
	    build/tsan-gcc build/cover build/tidy \
	    build/fuzz/bin build/fuzz/lib build/fuzz/tests
