/* Takes the place of src/backend/host.c: what TALLY_PLANT names is planted in the configurations
 * that say `planted`. */
#include "oracle/image.h"
#include "tests/faults/misdeeds.h"

#include <stdio.h>
#include <stdlib.h>

static const Misdeed *find_misdeed(const char *text, MisdeedState *state)
{
    size_t n = strcspn(text, "/");
    for (uint32_t k = 0; k < misdeeds_n; k++) {
        if (strlen(misdeeds[k].name) != n || memcmp(misdeeds[k].name, text, n)) continue;
        state->share = text[n] ? (uint32_t)strtoul(text + n + 1, NULL, 10) : 0;
        return &misdeeds[k];
    }
    return NULL;
}

static _Noreturn void give_up(const char *plant, const char *error)
{
    fprintf(stderr, "TALLY_PLANT=%s: %s\n", plant, error);
    exit(EXIT_INPUT);
}

static const char null_in_oracle[] = "null_in_oracle";

BackendHost backend_default_host(void)
{
    static FaultState fault;
    static MisdeedState misdeed;
    const char *plant = getenv("TALLY_PLANT"), *error = "there is no such plant";
    if (!plant || !strcmp(plant, null_in_oracle)) return (BackendHost){0};
    const Misdeed *m = find_misdeed(plant, &misdeed);
    if (m) return (BackendHost){.pass_hook = m->hook, .pass_hook_data = &misdeed};
    bool object = strchr(plant, '/') || strstr(plant, ".so");
    fault.fault = object ? fault_load(plant, &error) : fault_find(plant);
    if (!fault.fault) give_up(plant, error);
    return fault_host(&fault);
}

void __real_image_keep(Image *im);
void __wrap_image_keep(Image *im);

__attribute__((no_sanitize("undefined"))) void __wrap_image_keep(Image *im)
{
    static volatile int *volatile nothing;
    const char *plant = getenv("TALLY_PLANT");
    if (plant && !strcmp(plant, null_in_oracle)) *nothing = 1;
    __real_image_keep(im);
}
