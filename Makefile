# tally's build. The two commands to know: `make fuzz` and `make check`.
#
#   make                 build/tally, build/tally_fuzzer, build/tally_afl
#   make BUILD=DIR CC=clang SANITIZE=address,undefined     another build beside it
#   make unit            the unit tests of this build

BUILD    ?= build
CC       := $(if $(filter default,$(origin CC)),gcc,$(CC))
SANITIZE ?=
OPT      ?= -O2

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
            -Wno-missing-field-initializers
SANFLAGS := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer)
CFLAGS   := -std=gnu17 $(OPT) -g $(WARNINGS) $(SANFLAGS) $(EXTRA_CFLAGS) -Isrc -Iinclude
LDFLAGS  := $(SANFLAGS) $(EXTRA_LDFLAGS)

# Modules from the bottom up; each may include those in its list (tools/deps.awk holds the same).
MODULES  := base ir interp jit gen backend oracle
LIBS     := $(foreach m,$(MODULES),$(BUILD)/lib/$(m).a)
SYSLIBS  := -l:libjansson.a -lZydis -lm -lrt

sources   = $(wildcard src/$(1)/*.c src/$(1)/*/*.c src/$(1)/*.S)
objects   = $(patsubst src/%,$(BUILD)/obj/%.o,$(call sources,$(1)))

all: $(BUILD)/tally

define module
$(BUILD)/lib/$(1).a: $(call objects,$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(if $$^,ar rcs $$@ $$^,ar rcs $$@)
endef
$(foreach m,$(MODULES) cli,$(eval $(call module,$(m))))

$(BUILD)/obj/%.c.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(CFLAGS_$(firstword $(subst /, ,$*))) -MMD -MP -c $< -o $@

$(BUILD)/obj/%.S.o: src/%.S
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c $< -o $@

CFLAGS_interp := -ffp-contract=off

$(BUILD)/tally: $(BUILD)/lib/cli.a $(LIBS)
	$(CC) $(LDFLAGS) -Wl,--start-group $^ -Wl,--end-group $(SYSLIBS) -o $@

# Unit tests: tests/unit/MODULE/test_NAME.c links MODULE and what stands below it.
below_base    := base
below_ir      := base ir
below_interp  := base ir interp
below_jit     := base ir jit
below_gen     := base ir gen
below_backend := base ir interp jit backend
below_oracle  := base ir interp jit gen backend oracle

UNIT_SOURCES := $(wildcard tests/unit/*/test_*.c)
UNIT_TESTS   := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(UNIT_SOURCES))
unit_module   = $(firstword $(subst /, ,$*))

.SECONDEXPANSION:
$(BUILD)/unit/%: tests/unit/%.c $$(foreach m,$$(below_$$(unit_module)),$(BUILD)/lib/$$(m).a)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP $< $(LDFLAGS) \
	    -Wl,--start-group $(filter %.a,$^) -Wl,--end-group -lcmocka $(SYSLIBS) -o $@

unit: $(UNIT_TESTS)
	@for t in $(UNIT_TESTS); do $$t || exit 1; done

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

.PHONY: all unit
.DELETE_ON_ERROR:
