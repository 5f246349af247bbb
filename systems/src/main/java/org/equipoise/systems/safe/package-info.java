/** Similarity-aware fake news detection. */
package org.equipoise.systems.safe;
