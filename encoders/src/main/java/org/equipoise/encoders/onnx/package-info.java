/**
 * Encoders of any ONNX model in the hub's layout: text and images, prepared as the model was
 * trained.
 */
package org.equipoise.encoders.onnx;
