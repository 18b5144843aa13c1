# Back ends in shared objects.
#
#   make backend-cranelift                      the version that is pinned
#   make backend-cranelift CRANELIFT=0.111.0    another beside it, from 0.91 on
#   make check-cranelift CRANELIFT=0.111.0      its tests
#   make history                                old versions against corpus/history

CRANELIFT_PINNED := 0.137.1
CRANELIFT        ?= $(CRANELIFT_PINNED)
cranelift        := src/backend/cranelift

backend-cranelift: $(BUILD)/backends/cranelift-$(CRANELIFT).so
backend-cranelift: $(if $(filter $(CRANELIFT_PINNED),$(CRANELIFT)),$(BUILD)/backends/cranelift.so)

$(BUILD)/backends/cranelift-%.so: $(wildcard $(cranelift)/* $(cranelift)/src/*) tools/cranelift.sh
	+@BUILD=$(BUILD) tools/cranelift.sh $*

$(BUILD)/backends/cranelift.so: $(BUILD)/backends/cranelift-$(CRANELIFT_PINNED).so
	@ln -sf $(<F) $@

# The tests of a version; they come with what it costs to build it.
check-cranelift:
	+@BUILD=$(BUILD) tools/cranelift.sh $(CRANELIFT) test

# Published defects, on the versions that have them and those that do not; EXECUTIONS is the most
# that a campaign may take to find one.
EXECUTIONS ?= 20000
history: $(BUILD)/tally
	@for v in $$(awk '!/^#/ { print $$2; print $$3 }' corpus/history/history.txt | \
	        sed 's/^refused://; s/:.*//' | sort -uV); do \
	    $(MAKE) -s --no-print-directory backend-cranelift CRANELIFT=$$v || true; \
	done
	@BUILD=$(BUILD) tools/history.sh $(EXECUTIONS)

.PHONY: backend-cranelift check-cranelift history
