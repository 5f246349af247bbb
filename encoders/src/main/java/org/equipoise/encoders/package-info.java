/** From posts to features: encoders, the extractor that runs them, and the feature store. */
package org.equipoise.encoders;
