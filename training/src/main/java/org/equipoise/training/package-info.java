/**
 * Training a system under a balancer, its checkpoints, and the detector that a checkpoint becomes.
 */
package org.equipoise.training;
