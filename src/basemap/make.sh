#!/bin/sh
# Makes tiles.zip, the default map, from Natural Earth. README.md beside this file says what is in it.
#   apt-get install gdal-bin zip && sh src/basemap/make.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# Two packages of Debian 12 that carry files of Natural Earth; unpacked here, not installed.
apt-get download libmagics++-data qgis-common
for package in *.deb; do dpkg-deb -x "$package" .; done
natural_earth=usr/share/magics
world_map=usr/share/qgis/resources/data/world_map.gpkg

# layer NAME FILE SQL: adds what SQL selects to all.gpkg, cut to what Web Mercator can show.
layer() {
    ogr2ogr -f GPKG -update -overwrite -nln "$1" -nlt PROMOTE_TO_MULTI all.gpkg "$2" -dialect sqlite -sql "$3" \
        -t_srs EPSG:3857 -clipsrc -180 -85.05 180 85.05
}

for scale in 110m 50m 10m; do
    files=$natural_earth/$scale/ne_$scale
    layer land_$scale "${files}_land.shp" "select geometry from ne_${scale}_land"
    layer border_$scale "${files}_admin_0_boundary_lines_land.shp" \
        "select geometry, featurecla not like 'International%' as disputed
         from ne_${scale}_admin_0_boundary_lines_land where featurecla <> 'ForgetMagics'"
    layer river_$scale "${files}_rivers_lake_centerlines.shp" \
        "select geometry, scalerank as rank from ne_${scale}_rivers_lake_centerlines where featurecla = 'River'"
done
layer province "$natural_earth/10m/ne_10m_admin_1_states_provinces_lines.shp" \
    "select geometry, scalerank as rank from ne_10m_admin_1_states_provinces_lines
     where geometry is not null and featurecla not like '%statistical%'"
# A name belongs where there is room for it: each zoom takes the ranks that the one before has left out.
places() {
    layer "place_$1" "$natural_earth/10m/ne_10m_populated_places_simple.shp" \
        "select geometry, case name when 'Akureyi' then 'Akureyri' when 'Hofn' then 'Höfn' else name end as name,
           scalerank as rank, adm0cap as capital
         from ne_10m_populated_places_simple where scalerank between $2 and $3 and name is not null"
}
places 1 0 1
places 2 2 2
places 3 3 4
places 4 5 7
places 5 8 10
layer country "$world_map" \
    "select ST_PointOnSurface(geom) as geometry, iso_a2 as code,
       (ST_Area(geom) < 200) + (ST_Area(geom) < 20) + (ST_Area(geom) < 4) as rank
     from countries where iso_a2 glob '[A-Z][A-Z]'"

cat > plan.json <<'JSON'
{
  "land_110m":   {"target_name": "land",   "minzoom": 0, "maxzoom": 1},
  "land_50m":    {"target_name": "land",   "minzoom": 2, "maxzoom": 3},
  "land_10m":    {"target_name": "land",   "minzoom": 4, "maxzoom": 5},
  "border_110m": {"target_name": "border", "minzoom": 0, "maxzoom": 1},
  "border_50m":  {"target_name": "border", "minzoom": 2, "maxzoom": 3},
  "border_10m":  {"target_name": "border", "minzoom": 4, "maxzoom": 5},
  "river_110m":  {"target_name": "river",  "minzoom": 1, "maxzoom": 1},
  "river_50m":   {"target_name": "river",  "minzoom": 2, "maxzoom": 3},
  "river_10m":   {"target_name": "river",  "minzoom": 4, "maxzoom": 5},
  "province":    {"minzoom": 4, "maxzoom": 5},
  "place_1":     {"target_name": "place",  "minzoom": 1, "maxzoom": 5},
  "place_2":     {"target_name": "place",  "minzoom": 2, "maxzoom": 5},
  "place_3":     {"target_name": "place",  "minzoom": 3, "maxzoom": 5},
  "place_4":     {"target_name": "place",  "minzoom": 4, "maxzoom": 5},
  "place_5":     {"target_name": "place",  "minzoom": 5, "maxzoom": 5},
  "country":     {"minzoom": 0, "maxzoom": 5}
}
JSON
ogr2ogr -f MVT tiles all.gpkg -dsco MINZOOM=0 -dsco MAXZOOM=5 -dsco EXTENT=4096 -dsco BUFFER=64 \
    -dsco SIMPLIFICATION=4 -dsco SIMPLIFICATION_MAX_ZOOM=0 -dsco CONF=plan.json -dsco COMPRESS=NO

# Every tile there is, and no other: where there is only sea, an empty one, so that nobody asks in vain.
for zoom in 0 1 2 3 4 5; do
    last=$(((1 << zoom) - 1))
    for x in $(seq 0 $last); do
        mkdir -p "map/$zoom/$x"
        for y in $(seq 0 $last); do
            tile=$zoom/$x/$y
            if [ -f "tiles/$tile.pbf" ]; then cat "tiles/$tile.pbf"; fi | gzip -9 -n > "map/$tile.mvt"
        done
    done
done
find map -exec touch -d 2026-11-24T00:00:00Z {} +
rm -f "$here/tiles.zip"
cd map && find . -type f | LC_ALL=C sort | TZ=UTC zip -q -X -0 "$here/tiles.zip" -@
