/* Heaps lie where they were asked to lie, hold what they should, and differences are found. */
#include "oracle/image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static Image *image;
static Arena *arena;

static Heap *add_heap(Case *c, uint64_t size, uint32_t align, HeapPlace place)
{
    Heap *h = vec_push(arena, &c->heaps);
    h->name = c->heaps.n - 1;
    h->size = size;
    h->align = align;
    h->place = place;
    return h;
}

static void place(const Case *c)
{
    const char *reason = "";
    if (!image_place(image, c, 0, &reason)) fail_msg("%s", reason);
    image_restore(image, true);
}

static void ends_at_a_page(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {4, 8, 12, 20, 64, 4096, 4100, 70000};
    for (size_t k = 0; k < countof(sizes); k++) {
        Case *c = case_create(arena);
        add_heap(c, sizes[k], 4, PLACE_END);
        add_heap(c, sizes[k], 4, PLACE_START);
        place(c);
        const PlacedHeap *end = image_heap(image, 0), *start = image_heap(image, 1);
        assert_int_equal(((uintptr_t)end->base + sizes[k]) % 4096, 0);
        assert_int_equal((uintptr_t)start->base % 4096, 0);
    }
}

/* place=any gives no more alignment than was asked for. */
static void is_aligned_exactly(void **state)
{
    (void)state;
    for (uint32_t align = 1; align <= 128; align *= 2) {
        Case *c = case_create(arena);
        add_heap(c, 256, align, PLACE_ANY);
        place(c);
        assert_int_equal((uintptr_t)image_heap(image, 0)->base % (2 * align), align);
    }
}

static void addresses_are_fixed(void **state)
{
    (void)state;
    Case *c = case_create(arena);
    add_heap(c, 100, 4, PLACE_ANY);
    add_heap(c, 16, 16, PLACE_END);
    place(c);
    uint8_t *first = image_heap(image, 0)->base, *second = image_heap(image, 1)->base;
    place(c);
    assert_ptr_equal(first, image_heap(image, 0)->base);
    assert_ptr_equal(second, image_heap(image, 1)->base);
    assert_true(image_covers((uintptr_t)first) && image_covers((uintptr_t)second));
    assert_false(image_covers(0));
}

static void cells_hold_addresses(void **state)
{
    (void)state;
    Case *c = case_create(arena);
    Heap *h = add_heap(c, 32, 8, PLACE_ANY);
    add_heap(c, 16, 4, PLACE_END);
    h = &c->heaps.at[0];
    h->fill_byte = 0x11;
    *vec_push(arena, &h->cells) = (HeapCell){.offset = 8, .heap = 1, .target_offset = 4};
    place(c);
    const uint8_t *at = image_heap(image, 0)->base;
    uint64_t cell;
    memcpy(&cell, at + 8, 8);
    assert_int_equal(cell, (uintptr_t)image_heap(image, 1)->base + 4);
    assert_int_equal(at[7], 0x11);
    assert_int_equal(at[16], 0x11);
}

static void differences_have_places(void **state)
{
    (void)state;
    ImageDifference where;
    Case *c = case_create(arena);
    add_heap(c, 24, 8, PLACE_ANY);
    place(c);
    image_keep(image);
    assert_false(image_differs(image, &where));
    uint8_t *base = image_heap(image, 0)->base;
    base[23] = 9;
    assert_true(image_differs(image, &where));
    assert_int_equal(where.offset, 23);
    assert_false(where.outside);
    assert_int_equal(where.actual, 9);
    assert_false(image_stray(image, &where));
    image_restore(image, true);
    base[24] ^= 1; /* one byte beside the heap */
    assert_true(image_differs(image, &where));
    assert_true(where.outside);
    assert_true(image_stray(image, &where));
    assert_int_equal(where.offset, 24);
}

/* Nobody sees what an earlier run left beside its heap, in a heap that is gone, or in pages that no
 * heap was placed in. */
static void strays_do_not_last(void **state)
{
    (void)state;
    ImageDifference where;
    Case *two = case_create(arena), *one = case_create(arena);
    add_heap(two, 24, 8, PLACE_ANY);
    add_heap(two, 64, 8, PLACE_START);
    add_heap(one, 16, 16, PLACE_END);
    place(two);
    uint8_t *first = image_heap(image, 0)->base, *second = image_heap(image, 1)->base;
    first[-1] = 1;
    image_restore(image, true);
    assert_false(image_stray(image, &where));
    image_restore(image, true);
    first[24] = 1;
    place(one);
    assert_false(image_stray(image, &where));
    place(two);
    assert_false(image_stray(image, &where));
    place(one);
    second[100] = 1;
    place(two);
    assert_false(image_stray(image, &where));
    assert_int_equal(second[0], 0);
}

/* A store beside a heap is a difference whoever made it, the reference included. */
static void a_stray_reference_differs(void **state)
{
    (void)state;
    ImageDifference where;
    Case *c = case_create(arena);
    add_heap(c, 24, 8, PLACE_ANY);
    place(c);
    image_heap(image, 0)->base[30] = 7;
    image_keep(image);
    image_restore(image, true);
    assert_true(image_differs(image, &where));
    assert_true(where.outside);
    assert_int_equal(where.offset, 30);
    assert_int_equal(where.expected, 7);
}

static void too_much_is_refused(void **state)
{
    (void)state;
    Case *c = case_create(arena);
    const char *reason = NULL;
    for (int k = 0; k < IMAGE_HEAPS_MAX + 1; k++) add_heap(c, 16, 16, PLACE_ANY);
    assert_false(image_place(image, c, 0, &reason));
    assert_non_null(reason);
    c->heaps.n = 1;
    c->heaps.at[0].size = (uint64_t)IMAGE_HEAP_BYTES + 1;
    assert_false(image_place(image, c, 0, &reason));
}

static void fault_heaps_have_no_bytes(void **state)
{
    (void)state;
    Case *c = case_create(arena);
    add_heap(c, 64, 16, PLACE_ANY)->fault = true;
    place(c);
    assert_true(image_covers((uintptr_t)image_heap(image, 0)->base));
    assert_int_equal(image_bytes(image), 0);
    assert_null(image_first(image, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_at_a_page),       cmocka_unit_test(is_aligned_exactly),
        cmocka_unit_test(addresses_are_fixed),  cmocka_unit_test(cells_hold_addresses),
        cmocka_unit_test(differences_have_places), cmocka_unit_test(strays_do_not_last),
        cmocka_unit_test(a_stray_reference_differs), cmocka_unit_test(too_much_is_refused),
        cmocka_unit_test(fault_heaps_have_no_bytes),
    };
    arena = arena_create();
    image = image_create(arena);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    image_destroy(image);
    arena_destroy(arena);
    return failed;
}
