/* Numbers of regions: those that a byte of shadow state holds are told apart, others are refused.
 * Once, region 255 was taken for no region at all, so that mixing the two was not seen. */
#include "text.h"

_Alignas(256) uint8_t text_memory[TEXT_HEAPS][TEXT_HEAP_BYTES];

/* A tagged store and one without a region to the same bytes. */
static InterpResult mix(Text *t, unsigned region, const char *second)
{
    char text[1024];
    snprintf(text, sizeof text,
             "function %%f() {\n"
             "    ss0 = explicit_slot 8, align = 8\n"
             "    region0 = %u \"r\"\n"
             "block0:\n"
             "    v0 = stack_addr.i64 ss0\n"
             "    v1 = iconst.i64 0\n"
             "    store region0 v1, v0\n"
             "    store%s v1, v0\n"
             "    return\n"
             "}\n"
             "; discipline: addresses\n"
             "; print: %%f()\n", region, second);
    return text_run(t, text);
}

static void mixing_is_invalid(void **state)
{
    (void)state;
    Text t = text_open();
    assert_int_equal(mix(&t, 3, " region0").status, INTERP_returned);
    assert_int_equal(mix(&t, 3, "").status, INTERP_invalid);
    assert_int_equal(mix(&t, 253, " region0").status, INTERP_returned);
    assert_int_equal(mix(&t, 253, "").status, INTERP_invalid);
    text_close(&t);
}

static void large_numbers_are_refused(void **state)
{
    (void)state;
    static const unsigned regions[] = {254, 255, 256, 257, 300};
    Text t = text_open();
    for (size_t k = 0; k < sizeof regions / sizeof *regions; k++) {
        InterpResult r = mix(&t, regions[k], "");
        assert_int_equal(r.status, INTERP_refused);
        assert_non_null(strstr(r.reason, "regions above 253"));
    }
    text_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mixing_is_invalid),
        cmocka_unit_test(large_numbers_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
