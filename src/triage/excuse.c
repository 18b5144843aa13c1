#include "triage/excuse.h"

#include "ir/case.h"
#include "jit/x64/features.h"

/* A feature of the CPU that the words of a target ask for and the configuration lacks; NULL when
 * there is none, or when nobody here knows the words. */
static const char *lacks(const Config *config, Str words)
{
    FeatureSet wanted, has;
    if (!feature_parse(words, &wanted, NULL)) return NULL;
    if (!config->features || !feature_parse(str_of(config->features), &has, NULL)) return NULL;
    for (unsigned f = FEATURE_COUNT; f-- > 0;) /* the last is what the others stand behind */
        if (wanted & ~has & feature_bit((Feature)f)) return feature_flag((Feature)f);
    return NULL;
}

/* One that every target of this machine asks for. */
static const char *all_lack(const Case *c, const Config *config)
{
    const char *flag = NULL;
    for (uint32_t k = 0; k < c->header.n; k++) {
        Str words = c->header.at[k].rest;
        if (!str_is(c->header.at[k].word, "target")) continue;
        if (!str_is(str_next_word(&words, " "), "x86_64")) continue;
        const char *one = lacks(config, words);
        if (!one) return NULL;
        if (!flag) flag = one;
    }
    return flag;
}

const char *excuse_of(const Case *c, const Config *config, Arena *a)
{
    const char *command = config->backend->run ? "interpret" : "run";
    if (case_has_header(c, "target", "") && !case_has_header(c, "target", "x86_64"))
        return "other architecture only";
    if (case_has_header(c, "test", "") && !case_has_header(c, "test", command))
        return "its `test` commands run nothing";
    const char *flag = all_lack(c, config);
    return flag ? arena_printf(a, "CPU lacks %s", flag) : NULL;
}
