# tally's build. The two commands to know: `make fuzz` and `make check`.
#
#   make                 build/tally, build/tally_fuzzer, build/tally_afl
#   make fuzz            installs what is missing, fuzzes for 60 seconds; TIME=SECONDS
#   make check           installs what is missing, runs the tests; check-all runs all of them
#   make oss-fuzz-check  builds and checks as OSS-Fuzz does, four times
#   make ops-diff        compares our tables with the pinned Cranelift's
#   make bench           measures; bench-compare REF=COMMIT measures against another commit
#   make unit            the unit tests of one build
#   make BUILD=DIR CC=clang SANITIZE=address,undefined …      another build beside it
#
# NO_INSTALL=1 never installs anything.

BUILD    ?= build
CC       := $(if $(filter default,$(origin CC)),gcc,$(CC))
LINK     ?= $(CC)
SANITIZE ?=
OPT      ?= -O2
TIME     ?= 60

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
            -Wno-missing-field-initializers
SANFLAGS := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer)
CFLAGS   := -std=gnu17 $(OPT) -g $(WARNINGS) $(SANFLAGS) $(EXTRA_CFLAGS) -Isrc -Iinclude -I.
LDFLAGS  := $(SANFLAGS) $(EXTRA_LDFLAGS)
SYSLIBS  := -l:libjansson.a -lm -lrt -ldl

# Modules from the bottom up; tools/deps.awk knows which may include which. `fuzz` is what the
# programs in fuzz/ share.
MODULES  := base ir interp jit gen backend oracle reduce triage fuzz
LIBS     := $(MODULES:%=$(BUILD)/lib/%.a) $(BUILD)/lib/writer.a # of C, tools/cc.mk

# Back ends that are shared objects of their own have folders in src/backend.
sources      = $(filter-out src/backend/cc/%,$(wildcard src/$(1)/*.c src/$(1)/*/*.c src/$(1)/*.S))
sources_fuzz = $(filter-out %_fuzzer.c %_afl.c,$(wildcard fuzz/*.c))
objects      = $(patsubst %,$(BUILD)/obj/%.o,$(if $(filter fuzz,$(1)),$(sources_fuzz) frames.S,$(sources)))
link         = $(LINK) $(LDFLAGS) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group

all:
	@tools/setup.sh --check build
	@$(MAKE) --no-print-directory $(BUILD)/tally
	@tools/setup.sh --check || { echo "tally_fuzzer and tally_afl are not built"; exit 1; }
	@$(MAKE) --no-print-directory $(BUILD)/tally_fuzzer $(BUILD)/tally_afl $(BUILD)/seeds

define module
$(BUILD)/lib/$(1).a: $(call objects,$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	ar rcs $$@ $$^
endef
$(foreach m,$(MODULES) cli,$(eval $(call module,$(m))))

# A module's own flags. Coverage is counted only in COVERED: where new edges are new shapes of cases.
CFLAGS_interp := -ffp-contract=off
COVERED       := ir gen jit
COVERAGE      ?=
UNCOVERED_CC  ?= $(CC)
module_of      = $(firstword $(subst /, ,$(<:src/%=%)))
is_covered     = $(filter $(module_of),$(COVERED))$(filter %_afl.c,$<)
compile        = $(if $(is_covered),$(CC) $(COVERAGE),$(UNCOVERED_CC)) $(CFLAGS) $(CFLAGS_$(module_of)) \
                 -MMD -MP -c $< -o $@

$(BUILD)/obj/%.c.o: %.c
	@mkdir -p $(@D)
	$(compile)

$(BUILD)/obj/%.S.o: %.S
	@mkdir -p $(@D)
	$(UNCOVERED_CC) $(CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/gen/frames.S: tools/frames.awk
	@mkdir -p $(@D)
	awk -f $< > $@

$(BUILD)/obj/frames.S.o: $(BUILD)/gen/frames.S
	@mkdir -p $(@D)
	$(UNCOVERED_CC) $(CFLAGS) -c $< -o $@

# Commit and flags stand in findings; the file changes only when the commit does. The tree may be
# another user's, or unpacked from an archive, perhaps within the tree of something else.
describe := git -c safe.directory='*' describe --always --dirty --abbrev=12
COMMIT   := $(shell { [ -e .git ] && $(describe); } 2>/dev/null || echo unknown)
$(BUILD)/commit: always
	@mkdir -p $(@D)
	@echo $(COMMIT) | cmp -s - $@ || echo $(COMMIT) > $@
$(BUILD)/obj/src/oracle/finding.c.o: $(BUILD)/commit
$(BUILD)/obj/src/oracle/finding.c.o: CFLAGS += -DTALLY_COMMIT='"$(COMMIT)"'
$(BUILD)/obj/src/oracle/describe.c.o: CFLAGS += -DTALLY_SANITIZERS='"$(SANITIZE)"' \
    -DTALLY_FLAGS='"$(strip $(OPT) $(SANFLAGS) $(COVERAGE) $(EXTRA_CFLAGS))"'

$(BUILD)/tally: $(BUILD)/lib/cli.a $(LIBS)
	$(link) -lZydis $(SYSLIBS) -o $@

# Fuzz programs: fuzz/NAME.c linked with an engine. Those in build/ come from builds of their own.
ENGINE   ?=
COUNTERS := -fsanitize-coverage=inline-8bit-counters,pc-table
FUZZER   := CC=clang COVERAGE="$(COUNTERS)" ENGINE=-fsanitize=fuzzer

$(BUILD)/fuzz/%: $(BUILD)/obj/fuzz/%.c.o $(filter-out %/triage.a %/writer.a,$(LIBS))
	@mkdir -p $(@D)
	$(link) $(ENGINE) $(SYSLIBS) -o $@

FUZZERS := $(notdir $(basename $(wildcard fuzz/*_fuzzer.c))) tally_planted_fuzzer
$(FUZZERS:%=$(BUILD)/%): fuzzers ;
fuzzers:
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/libfuzzer $(FUZZER) \
	    $(FUZZERS:%=$(BUILD)/libfuzzer/fuzz/%)
	@ln -f $(FUZZERS:%=$(BUILD)/libfuzzer/fuzz/%) $(BUILD)/

$(FUZZERS:%=$(BUILD)/asan/%): fuzzers-asan ;
fuzzers-asan:
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/libfuzzer-asan $(FUZZER) SANITIZE=address,undefined \
	    $(FUZZERS:%=$(BUILD)/libfuzzer-asan/fuzz/%)
	@mkdir -p $(BUILD)/asan
	@ln -f $(FUZZERS:%=$(BUILD)/libfuzzer-asan/fuzz/%) $(BUILD)/asan/

$(BUILD)/tally_afl: always
	@AFL_QUIET=1 $(MAKE) --no-print-directory BUILD=$(BUILD)/afl CC=afl-clang-fast UNCOVERED_CC=clang \
	    $(BUILD)/afl/fuzz/$(@F)
	@ln -f $(BUILD)/afl/fuzz/$(@F) $@

# The inputs of the seed corpus, without the words beside them.
$(BUILD)/seeds: $(wildcard corpus/seeds/*)
	@rm -rf $@
	@mkdir -p $@
	@cp $(filter-out %.words,$^) $@

# What the fuzzer of the reader starts from: each function of the tests, each case of the corpus; and
# what it mixes in: shapes, and the words of the tables.
$(BUILD)/texts: tools/split_clif.awk $(wildcard tests/*/*.clif tests/*/*/*.clif corpus/*/*.clif)
	@rm -rf $@
	@mkdir -p $@
	@awk -v dir=$@ -f $< $(filter tests/%,$^)
	@cp $(filter corpus/%,$^) $@

$(BUILD)/clif.dict: tools/clif_words.awk fuzz/clif.dict $(wildcard src/ir/*.def)
	@mkdir -p $(@D)
	@cp fuzz/clif.dict $@
	@awk -f $< $(filter %.def,$^) | sed 's/.*/"&"/' >> $@

fuzz:
	@tools/setup.sh
	@$(MAKE) --no-print-directory $(BUILD)/tally $(BUILD)/tally_fuzzer $(BUILD)/seeds
	@BUILD=$(BUILD) TIME=$(TIME) tools/fuzz.sh

# Unit tests: tests/unit/MODULE/test_NAME.c links MODULE and what stands below it.
below_base    := base
below_ir      := base ir
below_interp  := base ir interp
below_jit     := base ir jit
below_gen     := base ir interp gen
below_backend := base ir interp jit backend
below_oracle  := base ir interp jit gen backend oracle
below_reduce  := $(below_oracle) reduce
below_triage  := $(below_reduce) triage writer
below_fuzz    := $(MODULES) writer

UNIT_TESTS  := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/*/test_*.c))
unit_module  = $(firstword $(subst /, ,$*))

.SECONDEXPANSION:
$(BUILD)/unit/%: tests/unit/%.c $$(foreach m,$$(below_$$(unit_module)),$(BUILD)/lib/$$(m).a)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP $< $(LDFLAGS) \
	    -Wl,--start-group $(filter %.a,$^) -Wl,--end-group -lcmocka -lZydis $(SYSLIBS) -o $@

unit-programs: $(UNIT_TESTS)

unit: $(UNIT_TESTS)
	@tools/unit.sh $(UNIT_TESTS)

check check-all:
	@MAKE="$(MAKE)" BUILD=$(BUILD) tools/check.sh $@

oss-fuzz-check:
	@tools/setup.sh
	@tools/oss_fuzz_check.sh

# Programs of the tests that are linked with everything.
everything = $(link) -lZydis $(SYSLIBS) -o $@

# Without sanitizers: it is what they check that is measured.
$(BUILD)/within $(BUILD)/cuts: $(BUILD)/%: tests/cli/%.c tests/cli/limited.h
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -O1 $(WARNINGS) -Werror $< -o $@

$(BUILD)/same_crash: tests/cli/same_crash.c tests/unit/fuzz/collector.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $< -o $@

$(BUILD)/json_lines: tests/cli/json_lines.c
	@mkdir -p $(@D)
	$(CC) -O1 -Wall -Wextra $< $(SYSLIBS) -o $@

$(BUILD)/tally_bench: $(BUILD)/obj/tests/bench/bench.c.o $(LIBS)
	$(everything)

$(BUILD)/tally_support: $(BUILD)/obj/tests/support/support.c.o $(LIBS)
	$(everything)

$(BUILD)/tally_taken: $(BUILD)/obj/tests/support/taken.c.o $(LIBS)
	$(everything)

$(BUILD)/tally_ops: $(BUILD)/obj/tests/support/ops.c.o $(BUILD)/lib/ir.a $(BUILD)/lib/base.a
	$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@

$(BUILD)/tally_seeds: $(BUILD)/obj/tests/support/seeds.c.o $(LIBS)
	$(everything)

seeds: $(BUILD)/tally_seeds
	$(BUILD)/tally_seeds corpus/seeds

support-programs: $(BUILD)/tally_taken $(BUILD)/same_crash $(BUILD)/json_lines $(BUILD)/tally_bench $(BUILD)/tally_support $(BUILD)/tally_seeds

bench:
	@tools/setup.sh
	@$(MAKE) --no-print-directory $(BUILD)/tally_bench $(BUILD)/tally_fuzzer $(BUILD)/asan/tally_fuzzer
	@BUILD=$(BUILD) tools/bench.sh

bench-compare:
	@tools/setup.sh
	@$(MAKE) --no-print-directory $(BUILD)/tally_bench
	@BUILD=$(BUILD) REF=$(REF) tools/bench_compare.sh

docs: $(BUILD)/tally_support
	$(BUILD)/tally_support > $(BUILD)/support.md
	sed -n '/^## Loaded back ends/,$$p' docs/support.md >> $(BUILD)/support.md
	mv $(BUILD)/support.md docs/support.md
	awk -f tools/limits.awk src/ir/limits.def > docs/limits.md

# The second part of docs/support.md: takes half an hour.
docs-loaded: $(BUILD)/tally_taken
	sed '/^## Loaded back ends/,$$d' docs/support.md > $(BUILD)/support.md
	printf '## Loaded back ends\n\n' >> $(BUILD)/support.md
	$(BUILD)/tally_taken 100000 cranelift:none cranelift:none:sse2 cc:O0 tcc >> $(BUILD)/support.md
	mv $(BUILD)/support.md docs/support.md

# Our tables of instructions against those of the pinned Cranelift.
ops-diff: $(BUILD)/tally_ops
	+@BUILD=$(BUILD) tools/ops_diff.sh || [ $$? = 3 ]

# CLIF_RUNTESTS is a folder of run tests.
conformance: $(BUILD)/tally
	@$(BUILD)/tally test --skips $(CLIF_RUNTESTS)

include tests/faults/faults.mk
include tools/backends.mk
include tools/cc.mk
-include $(shell find $(BUILD)/obj $(BUILD)/unit -name '*.d' 2>/dev/null)

always:
.PHONY: docs-loaded all always fuzz fuzzers fuzzers-asan unit unit-programs check check-all oss-fuzz-check seeds \
        support-programs bench bench-compare docs conformance ops-diff
.DELETE_ON_ERROR:
.SECONDARY:
