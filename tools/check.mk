# The groups of `make check`, as targets of make, which runs them on all cores in the order that
# they need. tools/check.sh calls this file; tools/group.sh runs and counts one group.

GROUP = +@tools/group.sh $@
BUILDS := gcc clang asan

dir_gcc   := $(BUILD)
dir_clang := $(BUILD)/clang
dir_asan  := $(BUILD)/asan
args_gcc   := CC=gcc
args_clang := CC=clang
args_asan  := CC=clang SANITIZE=address,undefined

QUICK := deps style $(foreach b,$(BUILDS),build-$(b) unit-$(b))
check: $(QUICK)
check-all: check

$(BUILDS:%=build-%): build-%:
	$(GROUP) tools/build.sh BUILD=$(dir_$*) $(args_$*) unit-programs

$(BUILDS:%=unit-%): unit-%: build-%
	$(GROUP) $(MAKE) -s BUILD=$(dir_$*) $(args_$*) EXTRA_CFLAGS=-Werror unit

deps:
	$(GROUP) awk -f tools/deps.awk $(shell git ls-files 'src/*.[ch]')

style:
	$(GROUP) tools/style.sh

.PHONY: check check-all deps style $(foreach b,$(BUILDS),build-$(b) unit-$(b))
