/* Four numbers at once, where the compiler and the processor know vectors; elsewhere one after the other. */
#if defined(__GNUC__) && (defined(__SSE__) || defined(__ARM_NEON) || defined(__wasm_simd128__)) && !defined(PLAIN_C)
typedef float four __attribute__((__vector_size__(16), __aligned__(4), __may_alias__));
#define ADD_PRODUCT(sum, w, x) ((sum) += (w) * (x))
#else
typedef struct { float at[4]; } four;
#define ADD_PRODUCT(sum, w, x) for (int n_ = 0; n_ < 4; n_++) (sum).at[n_] += (w).at[n_] * (x)
#endif
#define LOAD(from) (*(const four *)(from))
#define STORE(to, numbers) (*(four *)(to) = (numbers))
