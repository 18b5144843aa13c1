# Programs with planted faults, included by the Makefile.
#
#   make faults          the whole table; CLIF_RUNTESTS=DIR also asks run tests
#   make faults-quick    each fault once
#   make faults-page     the whole table, into docs/faults.md; CLIF_RUNTESTS=DIR must be said
#   make explain-page    what is named of findings of each, into docs/explain.md

FAULT_OBJECTS := $(patsubst %,$(BUILD)/obj/%.o,tests/faults/faults.c tests/faults/site.c \
    tests/faults/motion.c $(wildcard tests/faults/plant_*.c))
PLANTED_OBJECTS := $(patsubst %,$(BUILD)/obj/%.o,tests/faults/planted_host.c tests/faults/misdeeds.c)
MEASURE_OBJECTS := $(patsubst %,$(BUILD)/obj/%.o,tests/faults/hunt.c tests/faults/measure.c \
    tests/faults/bisect.c tests/faults/reduce.c tests/faults/explain.c tests/faults/row.c \
    tests/faults/tally_faults.c)

# Shared objects that hold a fault find what they need of the tree in the program.
FAULTS_LINK = $(LINK) $(LDFLAGS) -rdynamic $(filter %.o,$^) \
    -Wl,--whole-archive $(filter %/base.a %/ir.a %/jit.a,$^) -Wl,--no-whole-archive \
    -Wl,--start-group $(filter-out %/base.a %/ir.a %/jit.a,$(filter %.a,$^)) -Wl,--end-group

# The oracle's own null dereference takes the place of image_keep.
PLANTED_LINK = $(FAULTS_LINK) -Wl,--wrap=image_keep

$(BUILD)/tally_faults: $(MEASURE_OBJECTS) $(FAULT_OBJECTS) $(LIBS)
	$(FAULTS_LINK) -lZydis $(SYSLIBS) -o $@

$(BUILD)/tally_planted: $(FAULT_OBJECTS) $(PLANTED_OBJECTS) $(BUILD)/lib/cli.a $(LIBS)
	$(PLANTED_LINK) -Wl,--undefined=main -lZydis $(SYSLIBS) -o $@

$(BUILD)/fuzz/tally_planted_fuzzer: $(BUILD)/obj/fuzz/tally_fuzzer.c.o $(FAULT_OBJECTS) \
    $(PLANTED_OBJECTS) $(LIBS)
	@mkdir -p $(@D)
	$(PLANTED_LINK) $(ENGINE) $(SYSLIBS) -o $@

faults: $(BUILD)/tally_faults $(BUILD)/tally_planted
	@$(BUILD)/tally_faults $(if $(CLIF_RUNTESTS),--run-tests $(CLIF_RUNTESTS))

faults-quick: $(BUILD)/tally_faults
	@$(BUILD)/tally_faults --quick

explain-page: $(BUILD)/tally_faults
	@tests/faults/explain.sh $(BUILD) 3 page

faults-page: $(BUILD)/tally_faults $(BUILD)/tally_planted
	@tests/faults/page.sh $(BUILD) $(CLIF_RUNTESTS)

.PHONY: faults faults-quick faults-page explain-page
