/** What a post, a view, a feature store, a verdict and a metric are: plain Java, no native code. */
package org.equipoise.core;
