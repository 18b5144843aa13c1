/* Rows of test_discipline.c: a name, a part of the message (NULL: accepted), the body. */
#define ROW(name, message, ...) {name, message, __VA_ARGS__, NULL},
#define ROW_WITH(name, message, more, ...) {name, message, __VA_ARGS__, more},
#define L(text) "    " text "\n"

/* The loop that steps v4 from v0 by 8 to v0 + 64. */
#define LOOP(body) \
    L("v3 = iconst.i64 64") L("v5 = iadd v0, v3") L("v6 = iconst.i64 8") L("jump block1(v0)") \
    "block1(v4: i64):\n" body \
    L("v20 = iadd v4, v6") L("v21 = icmp ult v20, v5") L("brif v21, block1(v20), block2") \
    "block2:\n"

static const Row rows[] = {
/* what is an address */
ROW("parameter", NULL, L("v3 = load.i32 v0"))
ROW("slot", NULL, L("v3 = stack_addr.i64 ss0") L("store v2, v3+28"))
ROW("sum", NULL, L("v3 = iconst.i64 8") L("v4 = iadd v3, v0") L("v5 = load.i64 v4"))
ROW("difference with a number", NULL,
    L("v3 = iconst.i64 -8") L("v4 = isub v0, v3") L("v5 = load.i64 v4"))
ROW("number", "v3 is not an address", L("v3 = iconst.i64 4096") L("v4 = load.i32 v3"))
ROW("extended number", "v3 is not an address", L("v3 = uextend.i64 v2") L("v4 = load.i32 v3"))
ROW("sum of addresses", "depends on where objects lie", L("v3 = iadd v0, v1"))
ROW("number minus address", "depends on where objects lie",
    L("v3 = iconst.i64 8") L("v4 = isub v3, v0"))
ROW("select", NULL, L("v3 = select v2, v0, v1") L("v4 = load.i64 v3+56"))
ROW("select of address and number", "only sometimes an address",
    L("v3 = uextend.i64 v2") L("v4 = select v2, v0, v3"))
ROW("block parameter", NULL,
    L("brif v2, block1(v0), block1(v1)") "block1(v4: i64):\n" L("v5 = load.i64 v4"))
ROW("block parameter, mixed", "parameter v4 is only sometimes an address",
    L("v3 = uextend.i64 v2") L("brif v2, block1(v0), block1(v3)") "block1(v4: i64):\n")
ROW("stepped pointer", NULL, LOOP(L("v7 = load.i64 v4")))
ROW("clamped pointer", NULL,
    L("v3 = uextend.i64 v2") L("v4 = iadd v0, v3") L("v5 = iconst.i64 56") L("v6 = iadd v0, v5")
    L("v7 = umin v4, v6") L("v8 = load.i64 v7"))
ROW("clamped over two objects", "depends on where objects lie", L("v3 = umin v0, v1"))
/* what may be done with it */
ROW("operand of an effect", "v0 is an address, which must not come here", L("set_pinned_reg v0"))
ROW("multiplied", "depends on where objects lie", L("v3 = imul v0, v0"))
ROW("shifted", "depends on where objects lie", L("v3 = iconst.i64 4") L("v4 = ushr v0, v3"))
ROW("reduced", "depends on where objects lie", L("v3 = ireduce.i32 v0"))
ROW("bitcast", "depends on where objects lie", L("v3 = bitcast.f64 v0"))
ROW("splat", "depends on where objects lie", L("v3 = splat.i64x2 v0"))
ROW("extended", "depends on where objects lie", L("v3 = uextend.i128 v0"))
ROW("counted", "depends on where objects lie", L("v3 = popcnt v0"))
ROW("carry", "depends on where objects lie", L("v3, v4 = uadd_overflow v0, v0"))
ROW("frame pointer", "depends on where objects lie", L("v3 = get_frame_pointer.i64"))
ROW("condition", NULL, L("v3 = select v0, v2, v2") L("trapz v0, user1"))
ROW("observed bits", NULL,
    L("v3 = iconst.i64 15") L("v4 = band v0, v3") L("v5 = band v3, v1") L("v6 = iadd v4, v5")
    L("v7 = ireduce.i32 v6"))
ROW("observed bits of a slot", NULL,
    L("v3 = stack_addr.i64 ss0+4") L("v4 = iconst.i64 15") L("v5 = band v3, v4")
    L("v6 = imul v5, v5"))
ROW("observed unknown bits", "depends on where objects lie",
    L("v3 = iconst.i64 31") L("v4 = band v0, v3"))
ROW("rounded", NULL,
    L("v3 = iconst.i64 -16") L("v4 = band v1, v3") L("v5 = load.i64 aligned v4+8"))
ROW("rounded out of its object", "of an object with 0..64",
    L("v3 = iconst.i64 -16") L("v4 = band v1, v3") L("v5 = load.i64 aligned v4"))
ROW("masked by a number", "depends on where objects lie",
    L("v3 = uextend.i64 v2") L("v4 = band v1, v3"))
/* differences and comparisons */
ROW("difference", NULL, LOOP(L("v7 = isub v4, v0") L("v8 = imul v7, v7")))
ROW("difference of objects", "depends on where objects lie", L("v3 = isub v0, v1"))
ROW("comparison", NULL, LOOP(L("v7 = icmp ule v4, v5") L("v8 = uextend.i32 v7")))
ROW("comparison of objects", "depends on where objects lie", L("v3 = icmp ult v0, v1"))
ROW("null test", NULL, L("v3 = iconst.i64 0") L("v4 = icmp ne v0, v3"))
ROW("order of null", "depends on where objects lie",
    L("v3 = iconst.i64 0") L("v4 = icmp slt v0, v3"))
ROW_WITH("same parameters", NULL,
    CONTRACTS "; address: %f 0,1 same\n" G H,
    L("v3 = icmp ult v0, v1") L("v4 = isub v0, v1"))
/* ranges */
ROW("last bytes", NULL, L("v3 = load.i32 v0+60"))
ROW("behind", "4 bytes at 61 of an object with 0..64", L("v3 = load.i32 v0+61"))
ROW("before", "1 bytes at -1 of an object with 0..64", L("v3 = uload8.i32 v0-1"))
ROW("slot behind", "8 bytes at 12 of an object with 0..16",
    L("v3 = stack_addr.i64 ss1+4") L("v4 = load.i64 v3+8"))
ROW("cancelling displacement", NULL,
    L("v3 = iconst.i64 0x7fff0000") L("v4 = iadd v0, v3") L("v5 = load.i32 v4-0x7fff0000"))
ROW("wrapped all around", NULL,
    L("v3 = iconst.i64 0x7fffffffffffffff") L("v4 = iadd v0, v3") L("v5 = iadd v4, v3")
    L("v6 = load.i32 v5+2"))
ROW("dynamic index", NULL, L("v3 = uextend.i64 v2") L("v4 = iadd v0, v3") L("v5 = load.i32 v4"))
#define INDEX /* v5: 0..15 */ \
    L("v3 = iconst.i32 15") L("v4 = band v2, v3") L("v5 = uextend.i64 v4") L("v6 = iadd v0, v5")
ROW("index that may be inside", NULL, INDEX L("v7 = load.i32 v6+60"))
ROW("index that is always behind", "4 bytes that are outside of the object for each index",
    INDEX L("v7 = load.i32 v6+61"))
ROW("index that is always before", "4 bytes that are outside of the object for each index",
    INDEX L("v7 = load.i32 v6-16"))
ROW_WITH("negative range", NULL,
    "; address: %f 0 range=-16..16\n; address: %f 1 range=0..1\n" G H, L("v3 = load.i32 v0-16"))
/* aligned */
ROW("aligned", NULL, L("v3 = load.i32x4 aligned v0+16"))
ROW("misaligned", "not known to be a multiple of 16", L("v3 = load.i32x4 aligned v0+8"))
ROW("skew", NULL, L("v3 = load.i32x4 aligned v1+8"))
ROW("skew, misaligned", "not known to be a multiple of 16", L("v3 = load.i32x4 aligned v1"))
ROW("aligned slot", NULL, L("v3 = stack_addr.i64 ss0+16") L("v4 = load.i8x16 aligned v3"))
ROW("slot of less alignment", "not known to be a multiple of 16",
    L("v3 = stack_addr.i64 ss1") L("v4 = load.i8x16 aligned v3"))
ROW("aligned index", NULL,
    L("v3 = uextend.i64 v2") L("v4 = iconst.i64 4") L("v5 = ishl v3, v4") L("v6 = iadd v0, v5")
    L("v7 = load.i8x16 aligned v6"))
ROW("masked index", NULL,
    L("v3 = iconst.i32 0x30") L("v4 = band v2, v3") L("v5 = sextend.i64 v4") L("v6 = iadd v0, v5")
    L("v7 = load.i8x16 aligned v6"))
ROW("multiplied index", NULL,
    L("v3 = iconst.i32 48") L("v4 = imul v2, v3") L("v5 = uextend.i64 v4") L("v6 = iadd v1, v5")
    L("v7 = load.i8x16 aligned v6+8"))
ROW("index of less alignment", "not known to be a multiple of 16",
    L("v3 = uextend.i64 v2") L("v4 = iconst.i64 3") L("v5 = ishl v3, v4") L("v6 = iadd v0, v5")
    L("v7 = load.i8x16 aligned v6"))
ROW("aligned steps", NULL, LOOP(L("v7 = load.i64 aligned v4")))
ROW("misaligned steps", "not known to be a multiple of 16", LOOP(L("v7 = load.i8x16 aligned v4")))
ROW("aligned choice", NULL, L("v3 = select v2, v0, v1") L("v4 = load.i64 aligned v3"))
ROW("misaligned choice", "not known to be a multiple of 16",
    L("v3 = select v2, v0, v1") L("v4 = load.i8x16 aligned v3"))
ROW("one byte is aligned", NULL,
    L("v3 = uextend.i64 v2") L("v4 = iadd v0, v3") L("v5 = uload8.i32 aligned v4"))
/* notrap, null, fault */
ROW("notrap", NULL, L("v3 = load.i32 notrap v0"))
ROW("null", NULL,
    L("v3 = iconst.i64 0") L("v4 = select_spectre_guard v2, v0, v3") L("v5 = load.i32 user3 v4"))
ROW("null, notrap", "`notrap`, and the address may be null",
    L("v3 = iconst.i64 0") L("v4 = select v2, v0, v3") L("v5 = load.i32 notrap v4"))
ROW("null, aligned", NULL,
    L("v3 = iconst.i64 0") L("v4 = select v2, v0, v3") L("v5 = load.i32x4 aligned v4+32"))
ROW("null and a large offset", "outside of the null page",
    L("v3 = iconst.i64 0") L("v4 = select v2, v0, v3") L("v5 = load.i32 v4+4096"))
ROW("null and a negative offset", "outside of the null page",
    L("v3 = iconst.i64 0") L("v4 = select v2, v0, v3") L("v5 = load.i32 v4-4"))
ROW("null alone", NULL, L("v3 = iconst.i64 0") L("v4 = load.i32 v3"))
ROW_WITH("fault heap", NULL,
    "; address: %f 0 range=0..16, fault\n; address: %f 1 range=0..1\n" G H,
    L("v3 = load.i32 user1 v0"))
ROW_WITH("fault heap, notrap", "`notrap`, and the address may be in an inaccessible heap",
    "; address: %f 0 range=0..16, fault\n; address: %f 1 range=0..1\n" G H,
    L("v3 = load.i32 notrap v0"))
/* permissions */
ROW_WITH("readonly", NULL,
    "; address: %f 0 range=0..16, readonly\n; address: %f 1 range=0..1\n" G H,
    L("v3 = load.i32 notrap readonly v0"))
ROW("readonly slot", "the slot is written in this activation",
    L("v3 = stack_addr.i64 ss0") L("v4 = load.i32 readonly v3"))
ROW_WITH("store to readonly", "a store through a contract that forbids it",
    "; address: %f 0 range=0..16, readonly\n; address: %f 1 range=0..1\n" G H,
    L("store v2, v0"))
ROW_WITH("store to nowrite", "a store through a contract that forbids it",
    "; address: %f 0 range=0..16\n; address: %f 1 range=0..16, nowrite\n" G H,
    L("v3 = select v2, v0, v1") L("store v2, v3"))
ROW("can_move", NULL, L("v3 = load.i32 notrap readonly can_move v0+60"))
ROW("can_move, bounded index", NULL,
    L("v3 = iconst.i32 7") L("v4 = band v2, v3") L("v5 = uextend.i64 v4") L("v6 = iconst.i64 3")
    L("v7 = ishl v5, v6") L("v8 = iadd v0, v7") L("v9 = load.i64 notrap can_move v8"))
ROW("can_move, index too large", "not known to be the object's",
    L("v3 = iconst.i32 8") L("v4 = band v2, v3") L("v5 = uextend.i64 v4") L("v6 = iconst.i64 3")
    L("v7 = ishl v5, v6") L("v8 = iadd v0, v7") L("v9 = load.i64 notrap can_move v8"))
ROW("can_move, any index", "not known to be the object's",
    L("v3 = uextend.i64 v2") L("v4 = iadd v0, v3") L("v5 = load.i32 can_move v4"))
ROW("can_move, chosen object", NULL,
    L("v3 = stack_addr.i64 ss0") L("v4 = select v2, v0, v3") L("v5 = load.i64 can_move v4+24"))
ROW("can_move, smaller chosen object", "not known to be the object's",
    L("v3 = stack_addr.i64 ss0") L("v4 = select v2, v0, v3") L("v5 = load.i64 can_move v4+25"))
ROW("can_move, perhaps null", "not known to be the object's",
    L("v3 = iconst.i64 0") L("v4 = select v2, v0, v3") L("v5 = load.i64 can_move v4"))
ROW("can_move on a store", "`can_move` on a store", L("store can_move v2, v0"))
/* regions */
ROW_WITH("region of a contract", NULL,
    "; address: %f 0 range=0..16, region=1\n; address: %f 1 range=0..1\n" G H,
    L("v3 = load.i32 region1 v0"))
ROW_WITH("another region", "the access has region 0, the object has region 1 elsewhere",
    "; address: %f 0 range=0..16, region=1\n; address: %f 1 range=0..1\n" G H,
    L("v3 = load.i32 region0 v0"))
ROW("region without contract's", "the access has region 0, the object has no region elsewhere",
    L("v3 = load.i32 region0 v0"))
ROW("region of a slot", NULL,
    L("v3 = stack_addr.i64 ss0") L("store region1 v2, v3") L("v4 = stack_addr.i64 ss0+4")
    L("v5 = load.i32 region1 v4"))
ROW("two regions of a slot", "the access has no region, the object has region 1 elsewhere",
    L("v3 = stack_addr.i64 ss0") L("store region1 v2, v3") L("v4 = stack_addr.i64 ss0+4")
    L("v5 = load.i32 v4"))
ROW("region of a choice", "the access has region 0, the object has no region elsewhere",
    L("v3 = stack_addr.i64 ss0") L("v4 = select v2, v0, v3") L("store region0 v2, v3"))
ROW_WITH("choice of two regions", "a choice between addresses of",
    "; address: %f 0 range=0..16, region=1\n; address: %f 1 range=0..16\n" G H,
    L("v3 = select v2, v0, v1"))
ROW_WITH("region of an argument", "argument 0 has region 1, the object has region 0 elsewhere",
    CONTRACTS "; address: %g 0 range=0..16, region=1\n" H,
    L("v3 = stack_addr.i64 ss0") L("store region0 v2, v3") L("v4 = call fn0(v3)"))
/* calls */
ROW("call", NULL, L("v3 = call fn0(v0)"))
ROW("interior pointer", NULL,
    L("v3 = iconst.i64 48") L("v4 = iadd v0, v3") L("v5 = call fn0(v4)"))
ROW("range too small", "argument 0 at 49 of 0..64 is promised 0..16 around it",
    L("v3 = iconst.i64 49") L("v4 = iadd v0, v3") L("v5 = call fn0(v4)"))
ROW("range too small for each index", "argument 0 at 49 of 0..64 is promised 0..16 around it",
    INDEX L("v7 = iconst.i64 49") L("v8 = iadd v6, v7") L("v9 = call fn0(v8)"))
ROW("slot too small", "argument 0 at 4 of 0..16 is promised 0..16 around it",
    L("v3 = stack_addr.i64 ss1+4") L("v4 = call fn0(v3)"))
ROW("number passed", "argument 0 must be an address", L("v3 = iconst.i64 8") L("v4 = call fn0(v3)"))
ROW_WITH("address passed as number", "argument 0 is an address, and no contract takes it",
    CONTRACTS H, L("v3 = call fn0(v0)"))
ROW_WITH("alignment promised", NULL, CONTRACTS "; address: %g 0 range=0..16, align=16, skew=8\n" H,
    L("v3 = call fn0(v1)"))
ROW_WITH("alignment broken", "argument 0 is not known to be 8 modulo 16",
    CONTRACTS "; address: %g 0 range=0..16, align=16, skew=8\n" H, L("v3 = call fn0(v0)"))
ROW_WITH("fault promised", "argument 0 is promised to be inaccessible",
    CONTRACTS "; address: %g 0 range=0..16, fault\n" H, L("v3 = call fn0(v0)"))
ROW_WITH("null for a fault", NULL, CONTRACTS "; address: %g 0 range=0..16, fault\n" H,
    L("v3 = iconst.i64 0") L("v4 = call fn0(v3)"))
ROW("null passed", "argument 0 must be an address",
    L("v3 = iconst.i64 0") L("v4 = call fn0(v3)"))
ROW("perhaps null passed", "argument 0 may be null or inaccessible",
    L("v3 = iconst.i64 0") L("v4 = select v2, v0, v3") L("v5 = call fn0(v4)"))
ROW_WITH("written behind a contract", "argument 0 may be written, which a contract forbids",
    "; address: %f 0 range=0..16, readonly\n; address: %f 1 range=0..1\n" G H,
    L("v3 = call fn0(v0)"))
ROW_WITH("read behind a contract", NULL,
    "; address: %f 0 range=0..16, readonly\n; address: %f 1 range=0..1\n"
    "; address: %g 0 range=0..16, nowrite\n" H,
    L("v3 = call fn0(v0)"))
ROW_WITH("disjoint", NULL, CONTRACTS G H "; address: %h 0,1 disjoint\n",
    L("v3 = stack_addr.i64 ss0") L("v4 = stack_addr.i64 ss0+16") L("v5 = call fn1(v3, v4)"))
ROW_WITH("not disjoint", "overlap, and are promised to be disjoint",
    CONTRACTS G H "; address: %h 0,1 disjoint\n",
    L("v3 = stack_addr.i64 ss0") L("v4 = stack_addr.i64 ss0+15") L("v5 = call fn1(v3, v4)"))
ROW_WITH("same", NULL, CONTRACTS G H "; address: %h 0,1 same\n", L("v3 = call fn1(v0, v0)"))
ROW_WITH("not the same", "differ, and are promised to be the same",
    CONTRACTS G H "; address: %h 0,1 same\n",
    L("v3 = stack_addr.i64 ss0") L("v4 = stack_addr.i64 ss1") L("v5 = call fn1(v3, v4)"))
ROW("indirect", NULL, L("v3 = func_addr.i64 fn0") L("v4 = call_indirect sig0, v3(v0)"))
ROW("indirect, argument", "argument 0 must be an address",
    L("v3 = func_addr.i64 fn0") L("v4 = iconst.i64 3") L("v5 = call_indirect sig0, v3(v4)"))
ROW("indirect, signature", "fn1 has another signature",
    L("v3 = func_addr.i64 fn1") L("v4 = call_indirect sig0, v3(v0)"))
ROW("indirect, unknown", "the callee is not known", L("v3 = call_indirect sig0, v0(v0)"))
ROW("indirect, chosen", NULL,
    L("v3 = func_addr.i64 fn0") L("v4 = func_addr.i64 fn0") L("v5 = select v2, v3, v4")
    L("v6 = call_indirect sig0, v5(v0)"))
ROW("function address as data", "depends on where objects lie",
    L("v3 = func_addr.i64 fn0") L("v4 = iconst.i64 1") L("v5 = iadd v3, v4"))
/* cells */
ROW("cell", NULL,
    L("v3 = stack_addr.i64 ss0") L("v4 = stack_addr.i64 ss1") L("store v4, v3+8")
    L("v5 = load.i64 v3+8") L("store v2, v5+12"))
ROW("cell's range", "4 bytes at 13 of an object with 0..16",
    L("v3 = stack_addr.i64 ss0") L("v4 = stack_addr.i64 ss1") L("store v4, v3+8")
    L("v5 = load.i64 v3+8") L("store v2, v5+13"))
ROW("part of a cell", "touches part of the cell at 8",
    L("v3 = stack_addr.i64 ss0") L("store v0, v3+8") L("v4 = load.i32 v3+12"))
ROW("cell in a vector", "touches part of the cell at 8",
    L("v3 = stack_addr.i64 ss0") L("store v0, v3+8") L("v4 = load.i8x16 v3"))
ROW("part of a cell overwritten", "touches part of the cell at 8",
    L("v3 = stack_addr.i64 ss0") L("store v0, v3+8") L("store v2, v3+8"))
ROW("cell as a float", "touches part of the cell at 8",
    L("v3 = stack_addr.i64 ss0") L("store v0, v3+8") L("v4 = load.f64 v3+8"))
/* a cell of %f's own contract passed on: what the target is must imply what %g takes it for */
#define PASSED(own, taken) \
    "; address: %f 0 range=0..64, align=16, cell 8 = (range=0..32, align=32, skew=24" own ")\n" \
    "; address: %f 1 range=0..64\n" \
    "; address: %g 0 range=0..16, nowrite, cell 8 = (" taken ")\n" H
#define PASS L("v3 = call fn0(v0)")
ROW_WITH("target passed on", NULL, PASSED("", "range=8..32, align=16, skew=8"), PASS)
ROW_WITH("target with another skew", "points to something else",
    PASSED("", "range=8..32, align=16"), PASS)
ROW_WITH("target of less alignment", "points to something else",
    PASSED("", "range=8..32, align=64, skew=24"), PASS)
ROW_WITH("target's range", "points to something else", PASSED("", "range=8..33, align=8"), PASS)
ROW_WITH("target's region", "points to something else", PASSED("", "range=0..8, region=1"), PASS)
ROW_WITH("target, no range", NULL, PASSED("", "range=0..0, align=8"), PASS)
ROW_WITH("target not written", "points to something else", PASSED(", nowrite", "range=0..8"), PASS)
ROW_WITH("target not written either", NULL, PASSED(", nowrite", "range=0..8, nowrite"), PASS)
ROW_WITH("target of a target", NULL,
    PASSED(", cell 0 = (range=0..8)", "range=0..8, cell 0 = (range=4..8)"), PASS)
ROW_WITH("target of a target elsewhere", "points to something else",
    PASSED(", cell 0 = (range=0..8)", "range=0..16, cell 8 = (range=4..8)"), PASS)
ROW("overwritten", NULL,
    L("v3 = stack_addr.i64 ss0") L("store v0, v3+8") L("v4 = iconst.i64 5") L("store v4, v3+8")
    L("v5 = load.i64 v3+8") L("v6 = imul v5, v5") L("v7 = load.i8x16 v3"))
ROW("overwritten, used", "v5 is not an address",
    L("v3 = stack_addr.i64 ss0") L("store v0, v3+8") L("v4 = iconst.i64 5") L("store v4, v3+8")
    L("v5 = load.i64 v3+8") L("v6 = load.i32 v5"))
ROW("overwritten on one path", "the cell at 8 holds an address on some paths only",
    L("v3 = stack_addr.i64 ss0") L("store v0, v3+8") L("v4 = iconst.i64 5")
    L("brif v2, block1, block2") "block1:\n" L("store v4, v3+8") L("jump block2") "block2:\n"
    L("v5 = load.i64 v3+8"))
ROW("stored on both paths", NULL,
    L("v3 = stack_addr.i64 ss0") L("brif v2, block1, block2")
    "block1:\n" L("store v0, v3+8") L("jump block3")
    "block2:\n" L("store v1, v3+8") L("jump block3")
    "block3:\n" L("v5 = load.i64 v3+8") L("v6 = load.i64 aligned notrap can_move v5+56"))
ROW("stored on both paths, alignment", "not known to be a multiple of 16",
    L("v3 = stack_addr.i64 ss0") L("brif v2, block1, block2")
    "block1:\n" L("store v0, v3+8") L("jump block3")
    "block2:\n" L("store v1, v3+8") L("jump block3")
    "block3:\n" L("v5 = load.i64 v3+8") L("v6 = load.i8x16 aligned v5"))
ROW("cell in a loop", NULL,
    L("v3 = stack_addr.i64 ss0") L("store v0, v3") L("v4 = iconst.i32 0") L("jump block1(v4)")
    "block1(v5: i32):\n" L("v6 = load.i64 v3") L("v7 = load.i64 aligned v6")
    L("v8 = iconst.i64 8") L("v9 = iadd v6, v8") L("store v9, v3") L("v10 = iconst.i32 1")
    L("v11 = iadd v5, v10") L("v12 = iconst.i32 8") L("v13 = icmp ult v11, v12")
    L("brif v13, block1(v11), block2") "block2:\n")
ROW("big-endian cell", "stored otherwise than whole",
    L("v3 = stack_addr.i64 ss0") L("store big v0, v3"))
ROW("narrow cell", "stored otherwise than whole",
    L("v3 = stack_addr.i64 ss0") L("istore32 v0, v3"))
ROW("cell at an index", "stored where no cell can be",
    L("v3 = stack_addr.i64 ss0") L("v4 = uextend.i64 v2") L("v5 = iadd v3, v4") L("store v0, v5"))
ROW("address into a parameter", "stored where no cell can be", L("store v1, v0"))
ROW_WITH("contract's cell", NULL,
    "; address: %f 0 range=0..16, cell 8 = (range=0..8, align=8)\n"
    "; address: %f 1 range=0..8, align=8\n" G H,
    L("v3 = load.i64 v0+8") L("v4 = load.i64 aligned v3") L("store v1, v0+8"))
ROW_WITH("contract's cell, its range", "8 bytes at 1 of an object with 0..8",
    "; address: %f 0 range=0..16, cell 8 = (range=0..8, align=8)\n; address: %f 1 range=0..8\n" G H,
    L("v3 = load.i64 v0+8") L("v4 = load.i64 v3+1"))
ROW_WITH("contract's cell, its alignment", "the cell is not known to be 0 modulo 8",
    "; address: %f 0 range=0..16, cell 8 = (range=0..8, align=8)\n; address: %f 1 range=0..8\n" G H,
    L("store v1, v0+8"))
ROW_WITH("slot in a contract's cell", "a slot's address is stored outside of slots",
    "; address: %f 0 range=0..16, cell 8 = (range=0..8, align=8)\n; address: %f 1 range=0..8\n" G H,
    L("v3 = stack_addr.i64 ss1") L("store v3, v0+8"))
ROW_WITH("number in a contract's cell", "a number is stored in a contract's cell",
    "; address: %f 0 range=0..16, cell 8 = (range=0..8, align=8)\n; address: %f 1 range=0..8\n" G H,
    L("v3 = iconst.i64 5") L("store v3, v0+8"))
ROW_WITH("part of a contract's cell", "touches part of the cell at 8",
    "; address: %f 0 range=0..16, cell 8 = (range=0..8, align=8)\n; address: %f 1 range=0..8\n" G H,
    L("v3 = load.i32 v0+8"))
ROW_WITH("cell passed", NULL,
    CONTRACTS "; address: %g 0 range=0..16, cell 8 = (range=0..16)\n" H,
    L("v3 = stack_addr.i64 ss0") L("store v0, v3+8") L("v4 = call fn0(v3)") L("v5 = load.i64 v3+8")
    L("v6 = load.i32 v5+12"))
ROW_WITH("cell passed, changed by the callee", "not known to be a multiple of 8",
    CONTRACTS "; address: %g 0 range=0..16, cell 8 = (range=0..16)\n" H,
    L("v3 = stack_addr.i64 ss0") L("store v0, v3+8") L("v4 = call fn0(v3)") L("v5 = load.i64 v3+8")
    L("v6 = load.i64 aligned v5"))
ROW_WITH("cell passed, not changed", NULL,
    CONTRACTS "; address: %g 0 range=0..16, nowrite, cell 8 = (range=0..16)\n" H,
    L("v3 = stack_addr.i64 ss0") L("store v0, v3+8") L("v4 = call fn0(v3)") L("v5 = load.i64 v3+8")
    L("v6 = load.i64 aligned v5"))
ROW_WITH("no cell to pass", "argument 0, cell 8 holds no address",
    CONTRACTS "; address: %g 0 range=0..16, cell 8 = (range=0..16)\n" H,
    L("v3 = stack_addr.i64 ss0") L("v4 = call fn0(v3)"))
ROW_WITH("another cell to pass", "argument 0, cell 8 at 0 of 0..16 is promised 0..32 around it",
    CONTRACTS "; address: %g 0 range=0..16, cell 8 = (range=0..32)\n" H,
    L("v3 = stack_addr.i64 ss0") L("v4 = stack_addr.i64 ss1") L("store v4, v3+8")
    L("v5 = call fn0(v3)"))
ROW("cell unknown to the callee", "covers the cell at 8, which the contract does not know",
    L("v3 = stack_addr.i64 ss0") L("store v0, v3+8") L("v4 = call fn0(v3)"))
ROW("cell beside what is passed", NULL,
    L("v3 = stack_addr.i64 ss0") L("store v0, v3+16") L("v4 = call fn0(v3)"))
ROW_WITH("forwarded cell", NULL,
    "; address: %f 0 range=0..16, cell 8 = (range=0..8)\n; address: %f 1 range=0..8\n"
    "; address: %g 0 range=0..16, cell 8 = (range=0..8)\n" H,
    L("v3 = call fn0(v0)"))
ROW_WITH("forwarded cell, another", "points to something else by the caller's contract",
    "; address: %f 0 range=0..16, cell 8 = (range=0..8)\n; address: %f 1 range=0..8\n"
    "; address: %g 0 range=0..16, cell 8 = (range=0..4)\n" H,
    L("v3 = call fn0(v0)"))
/* contracts by themselves */
ROW_WITH("cell outside of its contract", "the cell at 9 lies outside of its range",
    "; address: %f 0 range=0..16, cell 9 = (range=0..8)\n; address: %f 1 range=0..8\n" G H, "")
ROW_WITH("overlapping cells", "cells overlap",
    "; address: %f 0 range=0..16, cell 0 = (range=0..8), cell 7 = (range=0..8)\n"
    "; address: %f 1 range=0..8\n" G H, "")
ROW_WITH("initialised outside", "initialised bytes outside of its range",
    "; address: %f 0 range=0..16, init=8..24\n; address: %f 1 range=0..8\n" G H, "")
};

/* Whole files. */
static const Row files[] = {
{"returned", "v0 is an address, which must not come here",
 "function %f(i64) -> i64 {\n"
 "block0(v0: i64):\n"
 "    return v0\n"
 "}\n"
 "; address: %f 0 range=0..8\n", NULL},
{"no contract", "v0 is not an address",
 "function %f(i64, i64) -> i64 {\n"
 "block0(v0: i64, v1: i64):\n"
 "    v2 = load.i64 v0\n"
 "    return v2\n"
 "}\n"
 "; address: %f 1 range=0..8\n", NULL},
{"no contract at all", "parameter 0 is used as an address and has no contract",
 "function %f(i64) -> i64 {\n"
 "block0(v0: i64):\n"
 "    v2 = load.i64 v0+8\n"
 "    return v2\n"
 "}\n", NULL},
{"slot in a tail call", "argument 0 may point into a slot of this frame",
 "function %f(i64) -> i64 tail {\n"
 "    ss0 = explicit_slot 8\n"
 "    fn0 = %f(i64) -> i64 tail\n"
 "block0(v0: i64):\n"
 "    v1 = stack_addr.i64 ss0\n"
 "    return_call fn0(v1)\n"
 "}\n"
 "; address: %f 0 range=0..8\n", NULL},
{"parameter in a tail call", NULL,
 "function %f(i64) -> i64 tail {\n"
 "    fn0 = %f(i64) -> i64 tail\n"
 "block0(v0: i64):\n"
 "    return_call fn0(v0)\n"
 "}\n"
 "; address: %f 0 range=0..8\n", NULL},
};
