/**
 * What every room may tell the operator's monitors: times and counts by {@link org.draugar.monitoring.Metrics}, trouble
 * by {@link org.draugar.monitoring.HealthCheck}. It imports no other room.
 */
package org.draugar.monitoring;
