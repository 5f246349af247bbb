/** The safetensors format: reading where it lies, writing whole or not at all. */
package org.equipoise.core.safetensors;
