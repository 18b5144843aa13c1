# tally's build. The two commands to know: `make fuzz` and `make check`.
#
#   make                 build/tally, build/tally_fuzzer, build/tally_afl
#   make fuzz            installs what is missing, fuzzes for 60 seconds; TIME=SECONDS
#   make check           installs what is missing, runs the tests; check-all runs all of them
#   make unit            the unit tests of one build
#   make BUILD=DIR CC=clang SANITIZE=address,undefined …      another build beside it
#
# NO_INSTALL=1 never installs anything.

BUILD    ?= build
CC       := $(if $(filter default,$(origin CC)),gcc,$(CC))
LINK     ?= $(CC)
SANITIZE ?=
OPT      ?= -O2

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
            -Wno-missing-field-initializers
SANFLAGS := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer)
CFLAGS   := -std=gnu17 $(OPT) -g $(WARNINGS) $(SANFLAGS) $(EXTRA_CFLAGS) -Isrc -Iinclude -I.
LDFLAGS  := $(SANFLAGS) $(EXTRA_LDFLAGS)

# Modules from the bottom up; tools/deps.awk knows which may include which. `fuzz` is the part of
# fuzz/ that all programs share.
MODULES  := base ir interp jit gen backend oracle fuzz
LIBS     := $(foreach m,$(MODULES),$(BUILD)/lib/$(m).a)
SYSLIBS  := -l:libjansson.a -lm -lrt

sources      = $(wildcard src/$(1)/*.c src/$(1)/*/*.c src/$(1)/*.S)
sources_fuzz = $(wildcard fuzz/session*.c)
objects      = $(patsubst %,$(BUILD)/obj/%.o,$(if $(filter fuzz,$(1)),$(sources_fuzz),$(call sources,$(1))))
link         = $(LINK) $(LDFLAGS) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group

all: $(BUILD)/tally
	@tools/setup.sh --check || { echo "tally_fuzzer and tally_afl are not built; install with: tools/setup.sh"; exit 1; }
	@$(MAKE) --no-print-directory $(BUILD)/tally_fuzzer $(BUILD)/tally_afl

tally: $(BUILD)/tally

define module
$(BUILD)/lib/$(1).a: $(call objects,$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(if $$^,ar rcs $$@ $$^,ar rcs $$@)
endef
$(foreach m,$(MODULES) cli,$(eval $(call module,$(m))))

# Coverage counters only where they lead somewhere; CFLAGS_MODULE is a module's own.
CFLAGS_interp := -ffp-contract=off
module_of      = $(firstword $(subst /, ,$(patsubst src/%,%,$<)))

$(BUILD)/obj/%.c.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(CFLAGS_$(module_of)) -MMD -MP -c $< -o $@

$(BUILD)/obj/%.S.o: %.S
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/tally: $(BUILD)/lib/cli.a $(LIBS)
	$(link) -lZydis $(SYSLIBS) -o $@

# Unit tests: tests/unit/MODULE/test_NAME.c links MODULE and what stands below it.
below_base    := base
below_ir      := base ir
below_interp  := base ir interp
below_jit     := base ir jit
below_gen     := base ir gen
below_backend := base ir interp jit backend
below_oracle  := base ir interp jit gen backend oracle
below_fuzz    := $(MODULES)

UNIT_SOURCES := $(wildcard tests/unit/*/test_*.c)
UNIT_TESTS   := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(UNIT_SOURCES))
unit_module   = $(firstword $(subst /, ,$*))

.SECONDEXPANSION:
$(BUILD)/unit/%: tests/unit/%.c $$(foreach m,$$(below_$$(unit_module)),$(BUILD)/lib/$$(m).a)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP $< $(LDFLAGS) \
	    -Wl,--start-group $(filter %.a,$^) -Wl,--end-group -lcmocka -lZydis $(SYSLIBS) -o $@

unit-programs: $(UNIT_TESTS)

unit: $(UNIT_TESTS)
	@tools/unit.sh $(UNIT_TESTS)

check:
	@MAKE="$(MAKE)" BUILD=$(BUILD) tools/check.sh check

check-all:
	@MAKE="$(MAKE)" BUILD=$(BUILD) tools/check.sh check-all

-include $(shell find $(BUILD)/obj $(BUILD)/unit -name '*.d' 2>/dev/null)

.PHONY: all tally unit-programs unit check check-all
.DELETE_ON_ERROR:
