/**
 * What networks are made of. A layer holds the parameters that it was given and computes on the
 * manager of its input; shapes are written {@code [B, T, d]}.
 */
package org.equipoise.systems.layers;
