# The groups of `make check`, as targets of make, which runs them on all cores in the order that
# they need. tools/check.sh calls this file; tools/group.sh runs and counts one group.

GROUP := +@tools/group.sh
ONE   := tools/one.sh
RUNTESTS := $(or $(CLIF_RUNTESTS),$(wildcard ../shared/clif-runtests))

# Three builds, in which most groups run.
BUILDS     := gcc clang asan
dir_gcc    := $(BUILD)
dir_clang  := $(BUILD)/clang
dir_asan   := $(BUILD)/asan
make_gcc   := $(MAKE) -s --no-print-directory EXTRA_CFLAGS=-Werror BUILD=$(dir_gcc) CC=gcc
make_clang := $(MAKE) -s --no-print-directory EXTRA_CFLAGS=-Werror BUILD=$(dir_clang) CC=clang
make_asan  := $(MAKE) -s --no-print-directory EXTRA_CFLAGS=-Werror BUILD=$(dir_asan) CC=clang \
              SANITIZE=address,undefined
memory_gcc := 64
memory_clang := 64
memory_asan := 0
each = $(BUILDS:%=$(1)-%)

# Long ones first: both cores then have work to the end.
QUICK := deps style $(call each,build) build-fuzz build-backends fuzz-decoder quiet $(call each,truncated) \
         $(call each,misdeeds) $(call each,unit) $(call each,clif) $(call each,format) \
         $(call each,seeds) $(call each,bad-input) $(call each,bad-findings) help docs commands \
         gen-stats gen-census regressions words examples setup cranelift-setup same-hashes \
         faults-quick signatures small reduced reduce explain explain-faults bisected bisect \
         plant-example \
         fuzz-reader fuzz-programs readme conformance kill oss-fuzz twins \
         backend-example backends backends-engines clif-tcc cc-golden cc-batch ops-diff
FULL  := $(filter-out faults-quick quiet oss-fuzz twins signatures explain-faults bisected,$(QUICK)) \
         faults explain-faults-long quiet-long quiet-cranelift oss-fuzz-all valgrind twins-all backends-slow \
         history-cases clif-cc cc-run census fuzz-decoder-long signatures-all reduced-all bisected-all
check: $(QUICK)
check-all: $(FULL)

deps:
	$(GROUP) $@ awk -f tools/deps.awk $(shell tools/files.sh | grep '^src/.*\.[ch]$$')

style:
	$(GROUP) $@ tools/style.sh

$(call each,build): build-%:
	$(GROUP) $@ $(ONE) $(make_$*) $(addprefix $(dir_$*)/,tally within cuts tally_planted) \
	    unit-programs support-programs

FUZZ_PROGRAMS := $(addprefix $(BUILD)/,tally_fuzzer tally_afl tally_planted_fuzzer \
                 asan/reader_fuzzer asan/decoder_fuzzer asan/tally_fuzzer asan/tally_planted_fuzzer \
                 seeds texts clif.dict)
build-fuzz:
	$(GROUP) $@ $(ONE) $(make_gcc) $(FUZZ_PROGRAMS)

$(call each,unit): unit-%: build-%
	$(GROUP) $@ $(make_$*) unit

$(call each,clif): clif-%: build-%
	$(GROUP) $@ $(dir_$*)/tally test tests/clif corpus/regressions corpus/history

$(call each,format): format-%: build-%
	$(GROUP) $@ env BUILD=$(dir_$*) tests/format/golden.sh

$(call each,seeds): seeds-%: build-%
	$(GROUP) $@ env BUILD=$(dir_$*) tests/cli/seeds.sh

$(call each,bad-input): bad-input-%: build-%
	$(GROUP) $@ tests/cli/bad_input.sh $(dir_$*)/tally $(dir_$*)/within $(memory_$*)

$(call each,bad-findings): bad-findings-%: build-%
	$(GROUP) $@ tests/cli/bad_findings.sh $(dir_$*)/tally_planted $(dir_$*)/within $(memory_$*)

$(call each,truncated): truncated-%: build-%
	$(GROUP) $@ tests/cli/truncated.sh $(dir_$*) $(memory_$*)

help: build-gcc
	$(GROUP) $@ tests/cli/help.sh $(BUILD)

docs: build-gcc
	$(GROUP) $@ tests/cli/docs.sh $(BUILD)

examples: build-gcc
	$(GROUP) $@ tests/cli/examples.sh $(BUILD)

gen-stats: build-gcc
	$(GROUP) $@ tests/cli/gen_stats.sh $(BUILD)/tally

gen-census: build-gcc
	$(GROUP) $@ tests/cli/gen_census.sh $(BUILD)

census: build-gcc
	$(GROUP) $@ $(ONE) $(BUILD)/tally gen --census 1000000

commands: build-gcc
	$(GROUP) $@ tests/cli/commands.sh $(BUILD)

# A finding as a test that stays, and as an issue.
regressions: build-gcc build-backends
	$(GROUP) $@ tests/cli/regressions.sh $(BUILD)

setup:
	$(GROUP) $@ tests/cli/setup.sh

cranelift-setup:
	$(GROUP) $@ tests/cli/cranelift_setup.sh

same-hashes: build-gcc build-fuzz
	$(GROUP) $@ tests/cli/same_hashes.sh $(BUILD)

fuzz-programs: build-gcc build-asan build-fuzz
	$(GROUP) $@ tests/cli/fuzz_programs.sh $(BUILD)

kill: build-gcc build-fuzz
	$(GROUP) $@ tests/cli/kill.sh $(BUILD) 20

readme: build-gcc build-fuzz
	$(GROUP) $@ tests/cli/readme.sh $(BUILD)

# Nothing is found where there is nothing to find.
quiet: build-gcc
	$(GROUP) $@ $(ONE) $(BUILD)/tally fuzz --executions 200000 --findings $(BUILD)/findings

quiet-long: build-gcc
	$(GROUP) $@ $(ONE) $(BUILD)/tally fuzz --executions 1000000 --findings $(BUILD)/findings

# Over the pinned Cranelift nothing is found but what is known.
quiet-cranelift: build-gcc build-backends
	+@if [ -e $(BUILD)/backends/cranelift.so ]; then \
	    tools/group.sh $@ $(ONE) $(BUILD)/tally fuzz --executions 20000 --every 1 \
	        --suppressions corpus/known-defects.txt --findings $(BUILD)/findings --backend \
	        interp,jit:none:native,cranelift:none,cranelift:speed,cranelift:none:sse2; \
	else \
	    echo "$@: not run, Cranelift is not built (make backend-cranelift)"; \
	fi

# Each word of the reader's tables stands in some text that the fuzzer starts from.
words:
	$(GROUP) $@ tests/cli/words.sh

# Bytes that become text, or a case: with the seeds and the dictionary that OSS-Fuzz gets.
seeds_reader  := $(BUILD)/texts
seeds_decoder := $(BUILD)/seeds
dict_reader   := $(BUILD)/clif.dict
dict_decoder  := fuzz/tally_fuzzer.dict
# Cases are larger than texts are.
runs_reader  := 300000
runs_decoder := 100000
fuzz-reader fuzz-decoder: fuzz-%: build-fuzz
	@mkdir -p $(CHECK_DIR)/$*-corpus
	$(GROUP) $@ $(ONE) $(BUILD)/asan/$*_fuzzer -seed=1 -runs=$(runs_$*) -max_len=4096 \
	    -dict=$(dict_$*) $(CHECK_DIR)/$*-corpus $(seeds_$*)

fuzz-decoder-long: build-fuzz
	@mkdir -p $(CHECK_DIR)/decoder-long-corpus
	$(GROUP) $@ $(ONE) $(BUILD)/asan/decoder_fuzzer -seed=2 -runs=300000 -max_len=4096 \
	    -dict=$(dict_decoder) $(CHECK_DIR)/decoder-long-corpus $(seeds_decoder)

build-faults: build-gcc
	$(GROUP) $@ $(ONE) $(make_gcc) $(BUILD)/tally_faults

faults-quick: build-faults
	$(GROUP) $@ $(BUILD)/tally_faults --quick

faults: build-faults
	$(GROUP) $@ $(BUILD)/tally_faults $(if $(RUNTESTS),--run-tests $(RUNTESTS))

# What findings of a fault are called, for faults of five families: of 25 each, in check-all of 50.
signatures: found = 25
signatures-all: found = 50
signatures signatures-all: build-faults
	$(GROUP) $@ $(BUILD)/tally_faults --signatures $(found) --bound 400000 \
	    --fault one_slot_one_address --fault scale_before_wrap --fault displacement_byte \
	    --fault trap_code_lost --fault saved_lost

# What is left of findings is written down, read, verified with its discipline, and judged again.
small: build-faults
	$(GROUP) $@ $(BUILD)/tally_faults --small 4 --bound 400000 \
	    --fault callee_writes --fault stores_exchanged --fault one_slot_one_address \
	    --fault slot_alignment --fault index_zero_extended --fault displacement_byte \
	    --fault wide_load --fault trap_code_lost

# How small findings become; of each fault three in check-all, with bounds over all of them.
reduced: build-faults
	$(GROUP) $@ $(BUILD)/tally_faults --reduce 2 --bound 400000 \
	    --fault load_over_store --fault callee_writes --fault slot_alignment \
	    --fault index_zero_extended --fault displacement_byte --fault trap_code_lost \
	    --fault reload_sign --fault spill_shared --fault saved_lost
reduced-all: build-faults
	$(GROUP) $@ $(BUILD)/tally_faults --reduce 3 --bound 400000

# Whether findings lead to the pass that their fault is planted behind; of each fault in check-all.
bisected: build-faults
	$(GROUP) $@ $(BUILD)/tally_faults --bisect 2 --bound 100000 \
	    --fault load_over_store --fault aligned_for_granted --fault forward_over_call \
	    --fault slot_alignment --fault trap_code_lost --fault zero_extension_elided \
	    --fault reload_sign --fault spill_shared --fault saved_lost
bisected-all: build-faults
	$(GROUP) $@ $(BUILD)/tally_faults --bisect 2 --bound 400000

bisect: build-gcc build-backends
	$(GROUP) $@ tests/cli/bisect.sh $(BUILD)

# The command, by two compilers' builds.
reduce: build-gcc build-clang
	$(GROUP) $@ tests/cli/reduce.sh $(BUILD) $(dir_clang)

# What is named of a finding of each fault is what was planted; of three in check-all.
explain-faults: build-faults
	$(GROUP) $@ tests/faults/explain.sh $(BUILD) 1

explain-faults-long: build-faults
	$(GROUP) $@ tests/faults/explain.sh $(BUILD) 3

explain: build-gcc
	$(GROUP) $@ tests/cli/explain.sh $(BUILD)

plant-example: build-faults
	$(GROUP) $@ env BUILD=$(BUILD) tests/faults/plant_example.sh

# The back end of docs/writing-a-backend.md; back ends that misbehave; both under the fuzz programs.
backend-example: build-gcc
	$(GROUP) $@ tests/backends/example.sh $(BUILD)

backends: build-gcc
	$(GROUP) $@ tests/backends/bad.sh $(BUILD)

backends-slow: build-gcc
	$(GROUP) $@ tests/backends/bad.sh $(BUILD) slow

backends-engines: build-gcc build-fuzz
	$(GROUP) $@ tests/backends/engines.sh $(BUILD)

# A sanitizer that handles signals itself sees none of generated code's.
misdeeds-asan: export ASAN_OPTIONS := handle_segv=1:handle_sigill=1:handle_abort=1
$(call each,misdeeds): misdeeds-%: build-% build-fuzz
	$(GROUP) $@ env BUILD=$(dir_$*) tests/faults/misdeeds.sh

# Our own files, and Cranelift's where there is a folder of them (CLIF_RUNTESTS=DIR).
conformance: build-gcc build-backends
	$(GROUP) $@ tests/conformance/run.sh $(BUILD) $(RUNTESTS)

oss-fuzz:
	$(GROUP) $@ env BUILD=$(BUILD) tools/oss_fuzz_check.sh libfuzzer-address

oss-fuzz-all:
	$(GROUP) $@ env BUILD=$(BUILD) tools/oss_fuzz_check.sh

# Back ends in shared objects; what this machine cannot build is left out, with a line that says so.
build-backends:
	$(GROUP) $@ env BUILD=$(BUILD) tools/build_backends.sh $(make_gcc)

# The C writer, by a compiler that is quick. Left out is what looks from one slot into another.
c_files := $(filter-out %/slots-side-by-side.clif,$(wildcard corpus/*/*.clif)) tests/clif
clif-tcc clif-cc: clif-%: build-gcc build-backends
	$(GROUP) $@ $(BUILD)/tally test --backend $* $(c_files)

cc-golden: build-gcc build-backends
	+@$(make_gcc) $(BUILD)/tally_c
	$(GROUP) $@ tests/cc/golden.sh $(BUILD)

cc-batch: build-gcc build-backends
	+@$(make_gcc) $(BUILD)/test_batch
	$(GROUP) $@ tools/unit.sh $(BUILD)/test_batch

cc-run: build-gcc build-backends
	$(GROUP) $@ tests/cc/run.sh $(BUILD)

# Cranelift's own readers: the pinned version's; twins-all: of all versions that are built.
twins     := cranelift
twins-all  = $(basename $(notdir $(wildcard $(BUILD)/backends/cranelift-*.so)))
twins twins-all: build-gcc build-backends
	+@if [ -e $(BUILD)/backends/cranelift.so ]; then \
	    tools/group.sh $@ tests/cli/twins.sh $(BUILD) $($@); \
	else \
	    echo "$@: not run, Cranelift is not built (make backend-cranelift)"; \
	fi

# Our tables against those of the pinned version, where it could be built.
ops-diff: build-gcc build-backends
	+@$(make_gcc) $(BUILD)/tally_ops
	+@if [ -e $(BUILD)/backends/cranelift.so ] && [ -n "$$(tools/cargo.sh)" ]; then \
	    tools/group.sh $@ env BUILD=$(BUILD) tools/ops_diff.sh; \
	else \
	    echo "$@: not run, Cranelift is not built (make backend-cranelift)"; \
	fi

history-cases: build-gcc
	+@if ls $(BUILD)/backends/cranelift-*.so > /dev/null 2>&1; then \
	    tools/group.sh $@ env BUILD=$(BUILD) tools/history.sh; \
	else \
	    echo "$@: not run, Cranelift is not built (make backend-cranelift)"; \
	fi

# Under valgrind: reader, writer and interpreter, on every file there is.
valgrind: build-gcc
	$(GROUP) $@ tests/cli/valgrind.sh $(BUILD)

.PHONY: check check-all build-fuzz build-faults $(QUICK) $(FULL)
