# The C back ends: shared objects that stand on include/ alone, and what tests them.
#
#   make backend-cc      any C compiler command, with the options of `tally backends cc`
#   make backend-tcc     libtcc in process; needs libtcc-dev

CC_OBJECTS := $(patsubst %.c,$(BUILD)/cc/%.o,$(wildcard src/backend/cc/*.c))
CC_WRITER  := $(filter-out %/cc.o %/run.o %/tcc.o,$(CC_OBJECTS))

# The C library's <obstack.h> aligns pointers by their distance from null.
CC_CFLAGS := $(CFLAGS) $(if $(SANITIZE),-fno-sanitize=pointer-overflow)

$(BUILD)/cc/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CC_CFLAGS) -fPIC -fvisibility=hidden -MMD -MP -c $< -o $@

# By .incbin.
$(BUILD)/cc/src/backend/cc/write.o: src/backend/cc/prelude.h

# Issues show it, too. In a program with everything its names would meet those of other modules.
WRITER_OBJECTS := $(CC_WRITER:$(BUILD)/cc/%.o=$(BUILD)/obj/%.c.o)
$(WRITER_OBJECTS): CFLAGS := $(CC_CFLAGS)
$(BUILD)/obj/src/backend/cc/write.c.o: src/backend/cc/prelude.h

$(BUILD)/obj/writer.o: $(WRITER_OBJECTS)
	ld -r $^ -o $(BUILD)/obj/names.o
	objcopy $(foreach f,create destroy begin add end,-G writer_$(f)) $(BUILD)/obj/names.o $@

$(BUILD)/lib/writer.a: $(BUILD)/obj/writer.o
	@mkdir -p $(@D)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/backends/cc.so: $(CC_WRITER) $(filter %/cc.o %/run.o,$(CC_OBJECTS))
	@mkdir -p $(@D)
	$(CC) -shared $(LDFLAGS) $^ -ldl -o $@

# Where libtcc is an archive, it may hold code for programs alone. All it lacks for a shared object
# is variables of libc: it gets others, see tcc.c.
$(BUILD)/cc/libtcc.a:
	@mkdir -p $(@D)
	objcopy $(foreach v,stdout stderr environ,--redefine-sym $(v)=tally_tcc_$(v)) \
	    $$($(CC) -print-file-name=libtcc.a) $@

$(BUILD)/backends/tcc.so: $(CC_WRITER) $(filter %/tcc.o,$(CC_OBJECTS)) $(BUILD)/cc/libtcc.a
	@mkdir -p $(@D)
	$(CC) -shared $(LDFLAGS) -Wl,--exclude-libs,ALL $^ -lm -ldl -lpthread -o $@

$(BUILD)/tally_c: $(BUILD)/obj/tests/cc/text.c.o $(CC_WRITER) $(LIBS)
	$(everything)

$(BUILD)/test_batch: $(BUILD)/obj/tests/cc/test_batch.c.o $(LIBS)
	$(everything) -lcmocka

backend-cc: $(BUILD)/backends/cc.so
backend-tcc: $(BUILD)/backends/tcc.so

-include $(shell find $(BUILD)/cc -name '*.d' 2>/dev/null)
.PHONY: backend-cc backend-tcc
