/* The cheapest way to run the engine, with an installed one's arguments: load the library, and call what its own program
   calls. Compile with -DLIBRARY='"/path/to/libenergyplusapi.so"'; with -DC_API it goes through the C API instead, as
   bindings for other languages do. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static void *find(void *library, const char *name) {
    void *found = dlsym(library, name);
    if (!found) fprintf(stderr, "launcher: %s\n", dlerror());
    return found;
}

#ifdef C_API
static int run_engine(void *library, int argc, const char *argv[]) {
    void *(*state_new)(void) = (void *(*)(void))find(library, "stateNew");
    void (*set_console)(void *, int) = (void (*)(void *, int))find(library, "setConsoleOutputState");
    int (*run)(void *, int, const char *[]) = (int (*)(void *, int, const char *[]))find(library, "energyplus");
    if (!state_new || !set_console || !run) return 2;
    void *state = state_new();
    set_console(state, 0);
    return run(state, argc, argv);
}
#else
/* std::string and std::vector of libstdc++, as they are read */
struct string { const char *data; size_t size; char room[16]; };
struct vector { struct string *begin, *end, *end_of_room; };
#define PROGRAM "_Z13EnergyPlusPgmRKSt6vectorINSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEESaIS5_EERKS5_"

static int run_engine(void *library, int argc, const char *argv[]) {
    int (*run)(const struct vector *, const struct string *) =
        (int (*)(const struct vector *, const struct string *))find(library, PROGRAM);
    if (!run) return 2;
    struct string words[argc], nothing = {"", 0, ""};
    for (int i = 0; i < argc; i++) words[i] = (struct string){argv[i], strlen(argv[i]), ""};
    struct vector arguments = {words, words + argc, words + argc};
    return run(&arguments, &nothing);
}
#endif

int main(int argc, const char *argv[]) {
    void *library = dlopen(LIBRARY, RTLD_NOW);
    if (!library) {
        fprintf(stderr, "launcher: %s\n", dlerror());
        return 2;
    }
    return run_engine(library, argc, argv);
}
