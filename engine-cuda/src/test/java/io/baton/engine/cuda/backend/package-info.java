/** The backend without a GPU: kernels in Java, products by plain loops. */
@NullMarked
package io.baton.engine.cuda.backend;

import org.jspecify.annotations.NullMarked;
