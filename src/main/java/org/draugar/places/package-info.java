/**
 * Places: circles with a name that a family shares, and the visits that the rule makes of its members' positions. The rule
 * is {@link org.draugar.places.StayDetector}; it knows no store. {@link org.draugar.places.Visits} runs it over what is
 * stored, and nothing else: what is told of a visit is in the store before.
 */
package org.draugar.places;
