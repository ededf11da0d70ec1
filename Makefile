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
	libgumbo-dev libmagic-dev libidn2-dev
DEPS_TEST  := libcmocka-dev
DEPS_CHECK := clang libclang-rt-14-dev llvm clang-format clang-tidy cppcheck \
	mandoc shellcheck pmccabe universal-ctags
DEPS_BENCH := libgmime-3.0-dev pkg-config mblaze

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

LIB     := $(BUILD)/libmailsonde.a
PROGRAM := $(BUILD)/mailsonde
COUNTRY := build/share/mailsonde/mailsonde-country.mmdb
GEOIP_TEXT := build/geoip/usr/share/tor

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wformat=2 -Wcast-qual -Wwrite-strings -Wvla \
	-Wundef -Werror

STD := -std=c11 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -D_GNU_SOURCE \
	-DMAILSONDE_VERSION='"$(VERSION)"'

CFLAGS ?= -O2 -g
HARDEN := -fstack-protector-strong -fPIE -fvisibility=hidden \
	-ffile-prefix-map=$(CURDIR)=.
HARDEN_LINK := -pie -Wl,-z,relro,-z,now -Wl,--as-needed -Wl,--gc-sections

ifeq ($(MODE),release)
MODE_CFLAGS := -D_FORTIFY_SOURCE=3 -ffunction-sections -fdata-sections
else ifneq (,$(findstring asan,$(MODE)))
MODE_CFLAGS := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
MODE_LINK := -fsanitize=address,undefined
else ifneq (,$(findstring cover,$(MODE)))
MODE_CFLAGS := -O0 --coverage
MODE_LINK := --coverage
endif

ALL_CFLAGS = $(CFLAGS) $(STD) $(WARN) $(HARDEN) $(MODE_CFLAGS) -Iinclude -Ilib \
	-include lib/base/banned.h

# Static where start-up counts: libcrypto alone costs 1.3 ms as a shared
# library. libmagic and libidn2 are opened when first needed.
LIBS := -l:libcrypto.a -l:libgumbo.a -l:libmaxminddb.a -lcjson -lpthread -ldl -lm

.PHONY: all
all: $(PROGRAM) country

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "CC $<"
	@$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(LIB): $(LIB_OBJ)
	@rm -f $@
	@ar rcs $@ $^

$(PROGRAM): $(CMD_OBJ) $(LIB)
	@echo "LD $@"
	@$(CC) $(CFLAGS) $(MODE_CFLAGS) $(MODE_LINK) $(HARDEN_LINK) -o $@ $^ $(LIBS)

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(TESTLIB_OBJ) $(LIB)
	@echo "LD $@"
	@$(CC) $(CFLAGS) $(MODE_CFLAGS) $(MODE_LINK) $(HARDEN_LINK) -o $@ $^ -lcmocka $(LIBS)

# Fuzz targets replay their corpus in every build; `make fuzz` builds them for
# libFuzzer.
$(BUILD)/tests/fuzz/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/tests/fuzz/replay.o $(LIB)
	@echo "LD $@"
	@$(CC) $(CFLAGS) $(MODE_CFLAGS) $(MODE_LINK) $(HARDEN_LINK) -o $@ $^ $(LIBS)

$(BUILD)/tests/%.o: ALL_CFLAGS += -Itests/support

# Test code may use what the house itself does without.
$(BUILD)/tests/%.o: tests/%.c Makefile
	@mkdir -p $(@D)
	@echo "CC $<"
	@$(CC) $(filter-out -include lib/base/banned.h,$(ALL_CFLAGS)) -MMD -MP -c $< -o $@

.PHONY: test
test: $(PROGRAM) $(UNIT_BIN) $(FUZZ_BIN)
	@CMOCKA_TEST_ABORT=1 ASAN_OPTIONS=detect_leaks=1 tests/run.sh $(BUILD)

.PHONY: fuzz
# make fuzz T=received S=60: one target under libFuzzer with ASan and UBSan.
T ?= header
S ?= 60
FUZZ_FLAGS := -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
fuzz:
	@mkdir -p build/fuzz/corpus/$(T) tests/fuzz/corpus/$(T)
	clang $(FUZZ_FLAGS) $(STD) -Iinclude -Ilib -o build/fuzz/fuzz_$(T) \
	    tests/fuzz/fuzz_$(T).c $(LIB_SRC) $(LIBS)
	build/fuzz/fuzz_$(T) -max_total_time=$(S) -timeout=10 -max_len=65536 \
	    $(if $(wildcard tests/fuzz/$(T).dict),-dict=tests/fuzz/$(T).dict) \
	    -artifact_prefix=build/fuzz/ build/fuzz/corpus/$(T) tests/fuzz/corpus/$(T)

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

.PHONY: deps deps-check deps-bench
deps: deps-packages $(GEOIP_TEXT)/geoip

.PHONY: deps-packages
deps-packages:
	@$(call install_missing,$(DEPS_BUILD) $(DEPS_TEST))

deps-check: deps-packages
	@$(call install_missing,$(DEPS_CHECK))

deps-bench: deps-packages
	@$(call install_missing,$(DEPS_BENCH))

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
country: $(PROGRAM)
	@if [ -r $(GEOIP_TEXT)/geoip ] && \
	    [ ! $(COUNTRY) -nt $(GEOIP_TEXT)/geoip ]; then \
		mkdir -p $(dir $(COUNTRY)) && \
		$(PROGRAM) geoip build --geoip $(GEOIP_TEXT)/geoip \
		    --geoip6 $(GEOIP_TEXT)/geoip6 -o $(COUNTRY).new && \
		mv $(COUNTRY).new $(COUNTRY); \
	fi

.SECONDARY:
-include $(shell find $(BUILD) -name "*.d" 2>/dev/null)

.PHONY: clean
clean:
	rm -rf build/release build/asan-gcc build/asan-clang build/cover
