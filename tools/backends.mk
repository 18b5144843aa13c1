# Back ends in shared objects.
#
#   make backend-cranelift                      the version that is pinned
#   make backend-cranelift CRANELIFT=0.111.0    another beside it, from 0.91 on
#   make check-cranelift CRANELIFT=0.111.0      its tests

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

.PHONY: backend-cranelift check-cranelift
